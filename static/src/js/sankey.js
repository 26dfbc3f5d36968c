// The drawing of flows, apart from the other charts: only the page of flows fetches it.
export { install as SankeyChart } from 'echarts/lib/chart/sankey/install.js';
