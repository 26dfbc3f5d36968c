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
