// Paste a block copied from a spreadsheet into a table of inputs (data-paste): fills right and down, drops thousand commas.
import { toast } from './toast.js';

document.addEventListener('paste', (event) => {
  const input = event.target.closest && event.target.closest('[data-paste] input');
  if (!input || !event.clipboardData) return;
  const text = event.clipboardData.getData('text/plain').replace(/\r/g, '').replace(/\n$/, '');
  if (!/[\t\n]/.test(text)) return;
  event.preventDefault();
  const block = text.split('\n').map((line) => line.split('\t'));
  const filled = fill(input, block);
  toast(`已粘贴 ${filled} 格，${block.length} 行 × ${block[0].length} 列。`);
});

function fill(input, block) {
  const first = input.closest('tr');
  const start = fieldsOf(first).indexOf(input);
  let row = first;
  let filled = 0;
  block.forEach((cells) => {
    if (!row) return;
    const fields = fieldsOf(row);
    cells.forEach((cell, i) => {
      const field = fields[start + i];
      if (!field || field.readOnly) return;
      field.value = cell.trim().replace(/(\d),(?=\d{3})/g, '$1');
      field.dispatchEvent(new Event('input', { bubbles: true }));
      filled += 1;
    });
    row = row.nextElementSibling;
  });
  return filled;
}

function fieldsOf(row) {
  return Array.from(row.querySelectorAll('input:not([type=hidden])'));
}
