// Copy a code to the clipboard (data-copy). navigator.clipboard needs HTTPS; plain office networks get the old way.
import { toast } from './toast.js';

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const text = button.dataset.copy;
  if (navigator.clipboard && window.isSecureContext) {
    navigator.clipboard.writeText(text).then(() => toast(`已复制：${text}`), () => copyBySelection(text));
  } else {
    copyBySelection(text);
  }
});

function copyBySelection(text) {
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('readonly', '');
  field.className = 'visually-hidden';
  document.body.appendChild(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  toast(done ? `已复制：${text}` : `浏览器不允许复制，请手工选取：${text}`);
}
