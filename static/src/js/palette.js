// Search palette: Ctrl+K or the box in the top bar; results arrive by htmx as role=option links; arrows choose, Enter opens.
import Modal from 'bootstrap/js/dist/modal';

const dialog = document.getElementById('palette');

if (dialog) {
  const modal = Modal.getOrCreateInstance(dialog);
  const input = dialog.querySelector('input');
  const list = dialog.querySelector('[role=listbox]');
  const options = () => Array.from(list.querySelectorAll('[role=option]'));
  const chosen = () => options().findIndex((option) => option.getAttribute('aria-selected') === 'true');

  const choose = (index) => {
    const all = options();
    all.forEach((option, i) => {
      option.setAttribute('aria-selected', i === index ? 'true' : 'false');
      if (!option.id) option.id = `palette-option-${i}`;
    });
    const current = all[index];
    if (!current) {
      input.removeAttribute('aria-activedescendant');
      return;
    }
    input.setAttribute('aria-activedescendant', current.id);
    current.scrollIntoView({ block: 'nearest' });
  };

  const follow = (option) => {
    const link = option && (option.matches('a') ? option : option.querySelector('a'));
    const address = option && (option.dataset.href || (link && link.href));
    if (address) location.assign(address);
  };

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-palette]')) return;
    event.preventDefault();
    modal.show();
  });
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && (event.key || '').toLowerCase() === 'k') {
      event.preventDefault();
      modal.show();
    }
  });
  dialog.addEventListener('shown.bs.modal', () => {
    input.focus();
    input.select();
  });
  list.addEventListener('click', (event) => follow(event.target.closest('[role=option]')));
  dialog.addEventListener('htmx:afterSwap', () => choose(options().length ? 0 : -1));
  input.addEventListener('keydown', (event) => {
    const all = options();
    if (event.key === 'Enter') {
      event.preventDefault();
      follow(all[chosen()]);
    }
    if (!all.length || !['ArrowDown', 'ArrowUp'].includes(event.key)) return;
    event.preventDefault();
    const step = event.key === 'ArrowDown' ? 1 : -1;
    choose((chosen() + step + all.length) % all.length);
  });
}
