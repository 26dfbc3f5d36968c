import { onContent } from './content.js';

// Filter forms (data-filters): a choice made with mouse or finger sends the form at once; with the keyboard nothing moves
// until Enter or the button (arrow keys change a select step by step). Empty fields stay out of the address.
let byPointer = false;

document.addEventListener('pointerdown', () => (byPointer = true), true);
document.addEventListener('keydown', () => (byPointer = false), true);

document.addEventListener('change', (event) => {
  const form = event.target.closest('form[data-filters]');
  if (!byPointer || !form || !event.target.matches('select, input[type=checkbox], input[type=radio]')) return;
  dropEmpty(form);
  HTMLFormElement.prototype.submit.call(form); // a field may be named "submit"
});
document.addEventListener('submit', (event) => {
  if (event.target.matches('form[data-filters]')) dropEmpty(event.target);
});

function dropEmpty(form) {
  fieldsOf(form).forEach((field) => {
    if (field.name && field.value === '') field.disabled = true;
  });
}

function fieldsOf(form) {
  return Array.from(form.querySelectorAll('input, select, textarea'));
}

window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-filters]').forEach((form) => {
    fieldsOf(form).forEach((field) => (field.disabled = false));
  });
});

// On phones the form stands behind one button that says how many conditions are set (css: .filters-toggle, .is-folded).
onContent('form[data-filters]', (forms) => forms.forEach(fold));

function fold(form, index) {
  if (!form.id) form.id = 'filters-' + index;
  const set = fieldsOf(form).filter(isSet).length;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'btn btn-plain filters-toggle';
  button.textContent = set ? '筛选（' + set + '）' : '筛选';
  button.setAttribute('aria-controls', form.id);
  const show = (open) => {
    form.classList.toggle('is-folded', !open);
    button.setAttribute('aria-expanded', String(open));
  };
  button.addEventListener('click', () => show(form.classList.contains('is-folded')));
  show(false);
  form.before(button);
}

// A condition is what the address says; a field may also show a default.
function isSet(field) {
  return field.type !== 'hidden' && Boolean(field.name && new URLSearchParams(location.search).get(field.name));
}
