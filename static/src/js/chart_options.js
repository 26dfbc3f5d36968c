// From our description of a chart to ECharts options. Kinds: bar, line, funnel, radar, heatmap, sankey.
// Common keys: kind, label (what a screen reader says), unit, items or categories + series.

export function optionsOf(data, colours) {
  const text = { fontFamily: colours.font, fontSize: colours.size, color: colours.ink };
  const common = {
    animation: false,
    textStyle: text,
    color: [colours.brand, colours.rungs[1], colours.rungs[3], colours.rungs[4], colours.rungs[5], colours.rungs[0]],
    aria: { enabled: true, label: { enabled: false }, decal: { show: false } },
    tooltip: { confine: true, textStyle: text, valueFormatter: (value) => withUnit(value, data.unit) },
  };
  return Object.assign(common, kinds[data.kind](data, colours, text));
}

const kinds = { bar: axes, line: axes, funnel, radar, heatmap, sankey };

// Numbers may arrive as text (exact decimals do); nothing is nothing, never 0.
function plain(value) {
  return value === null || value === undefined || value === '' ? null : Number(value);
}

function drawn(value) {
  const number = plain(value);
  return number === null ? '-' : number;
}

// The axis ends where the data end, unless a target line lies above.
function roomFor(highest, targets) {
  const wanted = Math.max(0, ...targets) * 1.05;
  return wanted > highest ? wanted : null;
}

function withUnit(value, unit) {
  if (value === null || value === undefined || value === '-') return '—';
  const shown = typeof value === 'number' ? value.toLocaleString('zh-CN') : value;
  return unit ? `${shown} ${unit}` : shown;
}

function toneOf(item, colours, fallback) {
  if (item.tone === undefined || item.tone === null) return fallback;
  return typeof item.tone === 'number' ? colours.rungs[item.tone % colours.rungs.length] : colours[item.tone] || fallback;
}

// bar and line: categories, series [{name, values, tone, links, target}], horizontal, stacked
function axes(data, colours, text) {
  const names = { type: 'category', data: data.categories, axisTick: { show: false }, axisLabel: Object.assign({ interval: data.horizontal ? 0 : 'auto' }, text) };
  const targets = data.series.map((series) => plain(series.target)).filter((target) => target !== null);
  const values = { type: 'value', max: (range) => roomFor(range.max, targets), minInterval: data.whole ? 1 : 0, splitLine: { lineStyle: { color: colours.grid } }, axisLabel: text };
  if (data.horizontal) names.inverse = true;
  return {
    tooltip: { trigger: 'axis', confine: true, textStyle: text, valueFormatter: (value) => withUnit(value, data.unit) },
    legend: data.series.length > 1 ? { top: 0, textStyle: text } : undefined,
    grid: { left: 8, right: 20, top: data.series.length > 1 ? 34 : 14, bottom: 4, containLabel: true },
    xAxis: data.horizontal ? values : names,
    yAxis: data.horizontal ? names : values,
    series: data.series.map((series) => axisSeries(series, data, colours, text)),
  };
}

function axisSeries(series, data, colours, text) {
  const colour = toneOf(series, colours, undefined);
  const shown = series.values.map((value, i) => ({
    value: drawn(value),
    href: series.links ? series.links[i] : undefined,
    itemStyle: series.tones ? { color: toneOf({ tone: series.tones[i] }, colours, colour) } : undefined,
  }));
  const options = { type: data.kind, name: series.name, data: shown, barMaxWidth: 26, itemStyle: { color: colour } };
  if (data.kind === 'line') Object.assign(options, { symbolSize: 7, lineStyle: { color: colour, width: 2 }, connectNulls: false });
  if (data.stacked) options.stack = 'all';
  if (data.series.length === 1) {
    options.label = Object.assign({}, text, { show: shown.length <= 24, position: data.horizontal ? 'right' : 'top' });
  }
  if (plain(series.target) !== null) options.markLine = targetLine(plain(series.target), data, colours, text);
  return options;
}

function targetLine(target, data, colours, text) {
  const label = Object.assign({}, text, { formatter: `目标 ${withUnit(target, data.unit)}`, position: 'insideEndTop' });
  const place = data.horizontal ? { xAxis: target } : { yAxis: target };
  return { silent: true, symbol: 'none', data: [place], lineStyle: { color: colours.muted, type: 'dashed' }, label };
}

// funnel: items [{name, value, tone, href}] from the widest to the narrowest. Widths follow the order, not the values: a
// single unicorn beside a thousand firms must stay readable; the number stands in the label.
function funnel(data, colours, text) {
  const count = data.items.length;
  const shown = data.items.map((item, i) => ({
    name: item.name,
    value: count - i,
    real: plain(item.value),
    href: item.href,
    itemStyle: { color: toneOf(item, colours, colours.rungs[i % colours.rungs.length]) },
  }));
  const say = (event) => `${event.name}　${withUnit(event.data.real, data.unit)}`;
  return {
    tooltip: { trigger: 'item', confine: true, textStyle: text, formatter: say },
    series: [
      {
        type: 'funnel', sort: 'none', left: '4%', right: '4%', top: 4, bottom: 4, minSize: '34%', maxSize: '100%', gap: 2, min: 0, max: count,
        data: shown,
        label: Object.assign({}, text, { position: 'inside', color: '#fff', formatter: say }),
        emphasis: { label: { fontWeight: 600 } },
      },
    ],
  };
}

// radar: axes [{name, max}], series [{name, values}]
function radar(data, colours, text) {
  return {
    legend: data.series.length > 1 ? { bottom: 0, textStyle: text } : undefined,
    radar: { indicator: data.axes, radius: '66%', axisName: Object.assign({}, text, { color: colours.ink }) },
    series: [
      {
        type: 'radar',
        areaStyle: { opacity: 0.12 },
        data: data.series.map((series) => ({ name: series.name, value: series.values.map(drawn) })),
      },
    ],
  };
}

// heatmap: columns, rows, cells [[column, row, value, href]]
function heatmap(data, colours, text) {
  const values = data.cells.map((cell) => plain(cell[2])).filter((value) => value !== null);
  const shown = data.cells.map((cell) => ({ value: [cell[0], cell[1], drawn(cell[2])], href: cell[3] }));
  return {
    tooltip: { confine: true, textStyle: text },
    grid: { left: 8, right: 8, top: 8, bottom: 40, containLabel: true },
    xAxis: { type: 'category', data: data.columns, axisLabel: text, splitArea: { show: true } },
    yAxis: { type: 'category', data: data.rows, axisLabel: text, inverse: true },
    visualMap: {
      min: Math.min(...values, 0), max: Math.max(...values, 1), orient: 'horizontal', left: 'center', bottom: 0, textStyle: text,
      inRange: { color: ['#f3f6fb', colours.brand] },
    },
    series: [{ type: 'heatmap', data: shown, label: Object.assign({}, text, { show: data.cells.length <= 200 }) }],
  };
}

// sankey: nodes [{name, tone, href}], links [{source, target, value, href}]
function sankey(data, colours, text) {
  return {
    series: [
      {
        type: 'sankey', left: 4, right: 90, top: 8, bottom: 8, nodeGap: 10, draggable: false, layoutIterations: 0,
        data: data.nodes.map((node, i) => ({
          name: node.name,
          href: node.href,
          itemStyle: { color: toneOf(node, colours, colours.rungs[i % colours.rungs.length]) },
        })),
        links: data.links.map((link) => ({ source: link.source, target: link.target, value: plain(link.value), href: link.href })),
        label: text,
        lineStyle: { color: 'gradient', opacity: 0.35 },
      },
    ],
  };
}
