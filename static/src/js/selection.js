// Ticking rows of a table (data-row, data-all) shows the bar of bulk actions (data-bulk) and how many are ticked.
document.addEventListener('change', (event) => {
  const box = event.target;
  if (!box.matches('[data-row], [data-all]')) return;
  const table = box.closest('table');
  if (box.matches('[data-all]')) rows(table).forEach((row) => (row.checked = box.checked));
  refresh(table);
});
window.addEventListener('pageshow', () => document.querySelectorAll('[data-all]').forEach((all) => refresh(all.closest('table'))));

function rows(table) {
  return Array.from(table.querySelectorAll('[data-row]'));
}

function refresh(table) {
  const boxes = rows(table);
  const ticked = boxes.filter((box) => box.checked).length;
  boxes.forEach((box) => box.closest('tr').classList.toggle('is-selected', box.checked));
  const all = table.querySelector('[data-all]');
  if (all) {
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  const bar = document.querySelector('[data-bulk]');
  if (!bar) return;
  bar.hidden = ticked === 0;
  const count = bar.querySelector('[data-bulk-count]');
  if (count) count.textContent = String(ticked);
}
