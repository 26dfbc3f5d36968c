// Charts, loaded only on pages that have one. A figure[data-chart] holds a JSON script with a small description (see
// templates/_macros/charts.html); this module turns it into options. The table below the drawing shows the same numbers.
// each kind by its own path: what the index of all charts reaches would stay in this part
import { install as BarChart } from 'echarts/lib/chart/bar/install.js';
import { install as FunnelChart } from 'echarts/lib/chart/funnel/install.js';
import { install as HeatmapChart } from 'echarts/lib/chart/heatmap/install.js';
import { install as LineChart } from 'echarts/lib/chart/line/install.js';
import { install as RadarChart } from 'echarts/lib/chart/radar/install.js';
import {
  AriaComponent, GridComponent, LegendComponent, MarkLineComponent, RadarComponent, TooltipComponent, VisualMapComponent,
} from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { optionsOf } from './chart_options.js';

echarts.use([
  BarChart, FunnelChart, HeatmapChart, LineChart, RadarChart, AriaComponent, GridComponent, LegendComponent,
  MarkLineComponent, RadarComponent, TooltipComponent, VisualMapComponent, SVGRenderer,
]);

export function draw(figures) {
  figures.forEach((figure) => {
    const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    // flows are drawn on one page only, so their code is a part of its own
    if (data.kind === 'sankey') import('./sankey.js').then((sankey) => echarts.use([sankey.SankeyChart])).then(() => drawOne(figure, data));
    else drawOne(figure, data);
  });
}

function drawOne(figure, data) {
  const canvas = figure.querySelector('.chart-canvas');
  figure.dataset.ready = 'yes';
  const chart = echarts.init(canvas, null, { renderer: 'svg', locale: 'ZH' });
  chart.setOption(optionsOf(data, palette()));
  // a viewBox lets paper scale the drawing to its own width
  chart.on('finished', () => {
    const drawing = canvas.querySelector('svg');
    if (drawing) drawing.setAttribute('viewBox', `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  });
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', data.label);
  chart.on('click', (event) => {
    const href = event.data && event.data.href;
    if (href) location.assign(href);
  });
  const table = figure.querySelector('details');
  if (table && !figure.hasAttribute('data-table-open')) table.open = false;
  if (window.ResizeObserver) new ResizeObserver(() => chart.resize()).observe(canvas);
}

// The colours of the style sheet, so that a tone is defined once.
function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  const tones = { brand: '--brand', ok: '--ok', warn: '--warn-fill', bad: '--bad', ink: '--ink', muted: '--ink-3', line: '--line', grid: '--line-2' };
  const colours = {};
  Object.keys(tones).forEach((tone) => (colours[tone] = read(tones[tone])));
  colours.rungs = [0, 1, 2, 3, 4, 5].map((i) => read(`--rung-${i}`));
  colours.heat = [1, 2, 3, 4, 5].map((i) => read(`--heat-${i}`));
  colours.font = getComputedStyle(document.body).fontFamily;
  colours.size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.88;
  return colours;
}
