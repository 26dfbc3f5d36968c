// Filter forms (data-filters): a changed choice sends the form at once; empty fields stay out of the address.
document.addEventListener('change', (event) => {
  const form = event.target.closest('form[data-filters]');
  if (!form || !event.target.matches('select, input[type=checkbox], input[type=radio], input[type=date]')) return;
  dropEmpty(form);
  form.submit();
});
document.addEventListener('submit', (event) => {
  if (event.target.matches('form[data-filters]')) dropEmpty(event.target);
});

function dropEmpty(form) {
  Array.from(form.elements).forEach((field) => {
    if (field.name && field.value === '' && field.type !== 'submit') field.disabled = true;
  });
}

window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-filters]').forEach((form) => {
    Array.from(form.elements).forEach((field) => (field.disabled = false));
  });
});
