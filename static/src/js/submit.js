// A POST form is sent once: its buttons sleep while it is under way and wake when the person comes back to the page.
// A form with data-guard asks before leaving with unsaved changes.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || methodOf(form) !== 'post' || form.hasAttribute('hx-post')) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = 'yes';
  delete form.dataset.changed;
  // after the browser has collected the fields: a disabled button would not send its own name and value
  setTimeout(() => setBusy(form, true), 0);
  // a download leaves the page standing: let the buttons live again
  if (form.dataset.download !== undefined) setTimeout(() => wake(form), 3000);
});

// form.method would be the field of that name if there is one
function methodOf(form) {
  return (form.getAttribute('method') || 'get').toLowerCase();
}

function setBusy(form, busy) {
  form.querySelectorAll('button[type=submit], button:not([type])').forEach((button) => {
    button.disabled = busy;
  });
}

function wake(form) {
  delete form.dataset.sending;
  setBusy(form, false);
}

window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-sending]').forEach(wake);
});

document.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-guard]');
  if (form) form.dataset.changed = 'yes';
});
window.addEventListener('beforeunload', (event) => {
  if (!document.querySelector('form[data-guard][data-changed]')) return;
  event.preventDefault();
  event.returnValue = '';
});
