// The board: a card is dragged with the mouse, or chosen with the keyboard, or by its button; all three open the same dialog.
// Nothing is changed here: the dialog holds the form that does.
import Modal from 'bootstrap/js/dist/modal';
import htmx from 'htmx.org/dist/htmx.esm.js';

const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export function enhance(board) {
  const dialog = document.getElementById('move-dialog');
  const modal = Modal.getOrCreateInstance(dialog);
  let origin = null;
  let dragged = null;

  const columns = () => Array.from(board.querySelectorAll('.board-column')).filter((column) => column.offsetParent !== null);
  const cards = (column) => Array.from(column.querySelectorAll('[data-card]'));

  // one card is reached by Tab, the arrows go to the others
  const enter = (card) => {
    board.querySelectorAll('[data-card][tabindex="0"]').forEach((other) => (other.tabIndex = -1));
    if (card) card.tabIndex = 0;
  };
  const open = (card, rung) => {
    origin = card || origin;
    const address = card ? card.dataset.card : '';
    show(rung ? `${address}&to=${encodeURIComponent(rung)}` : address);
  };
  const show = (address) => {
    htmx.ajax('GET', address, { target: '#move-body', swap: 'innerHTML' }).then(() => {
      if (dialog.querySelector('.modal-body')) modal.show();
    });
  };

  enter(board.querySelector('[data-card]'));
  dialog.addEventListener('hidden.bs.modal', () => {
    if (origin && document.contains(origin)) origin.focus();
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-move]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    origin = link.closest('[data-card]') ? link : origin;
    show(link.getAttribute('href'));
  });

  board.addEventListener('focusin', (event) => {
    if (event.target.matches('[data-card]')) enter(event.target);
  });
  board.addEventListener('keydown', (event) => {
    if (!event.target.matches('[data-card]')) return;
    const card = event.target;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      open(card);
      return;
    }
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.shiftKey ? null : neighbour(card, step);
    if (event.shiftKey) {
      const beside = sideOf(card, step[0]);
      if (!beside) return;
      event.preventDefault();
      open(card, beside.dataset.rung);
    } else if (target) {
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  });

  // the column beside: every column counts, also an empty one or one a phone hides
  const sideOf = (card, step) => {
    const all = Array.from(board.querySelectorAll('.board-column'));
    return step ? all[all.indexOf(card.closest('.board-column')) + step] : undefined;
  };
  const neighbour = (card, [across, down]) => {
    const column = card.closest('.board-column');
    const own = cards(column);
    const place = own.indexOf(card);
    if (down) return own[place + down];
    const shown = columns();
    for (let i = shown.indexOf(column) + across; shown[i]; i += across) {
      const there = cards(shown[i]);
      if (there.length) return there[Math.min(place, there.length - 1)];
    }
    return undefined;
  };

  board.addEventListener('dragstart', (event) => {
    dragged = event.target.closest ? event.target.closest('[data-card]') : null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged.id);
    dragged.classList.add('is-dragged');
  });
  board.addEventListener('dragend', () => {
    if (dragged) dragged.classList.remove('is-dragged');
    mark(null);
    dragged = null;
  });
  const mark = (column) => board.querySelectorAll('.board-column').forEach((other) => other.classList.toggle('is-target', other === column));
  board.addEventListener('dragover', (event) => {
    const column = dragged && event.target.closest('.board-column');
    if (!column) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
    mark(column);
  });
  board.addEventListener('drop', (event) => {
    const column = dragged && event.target.closest('.board-column');
    if (!column) return;
    event.preventDefault();
    const card = dragged;
    mark(null);
    if (column !== card.closest('.board-column')) open(card, column.dataset.rung);
  });
}
