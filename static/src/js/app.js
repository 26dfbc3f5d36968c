// Entry of every page. One behaviour per module; each finds its own elements by a data-* attribute and also serves
// fragments that htmx swaps in later. Everything works without these scripts except partial updates and shortcuts.
import './requests.js';
import './menus.js';
import './palette.js';
import './confirm.js';
import './submit.js';
import './selection.js';
import './filters.js';
import './text_size.js';
import './copy.js';
import './drop.js';
import './paste.js';
import './reveal.js';
import './print.js';
import { onContent } from './content.js';

onContent('[data-chart]', (figures) => {
  import('./charts.js').then((charts) => charts.draw(figures));
});
onContent('select[data-picker]', (selects) => {
  import('./picker.js').then((picker) => picker.enhance(selects));
});
onContent('[data-kanban]', (boards) => {
  import('./kanban.js').then((kanban) => boards.forEach(kanban.enhance));
});
document.documentElement.dataset.scripts = 'ready';
