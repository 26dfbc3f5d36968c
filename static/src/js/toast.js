// A short message at the lower right, read aloud, gone after eight seconds or on click. At most three at a time.
const SECONDS = 8;

export function toast(text, link) {
  const area = document.getElementById('toasts');
  if (!area) return;
  const line = document.createElement('div');
  line.className = 'toast-line';
  line.textContent = text;
  if (link) {
    const anchor = document.createElement('a');
    anchor.href = link.url;
    anchor.textContent = link.label;
    anchor.className = 'btn btn-sm btn-light ms-2';
    line.appendChild(anchor);
  }
  line.addEventListener('click', () => line.remove());
  area.appendChild(line);
  while (area.children.length > 3) area.firstElementChild.remove();
  setTimeout(() => line.remove(), SECONDS * 1000);
}
