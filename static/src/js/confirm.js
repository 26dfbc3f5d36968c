// Ask before what cannot be taken back: a submit button with data-confirm (title), data-confirm-text (consequence) and
// data-confirm-verb (what the button says), or an element with hx-confirm. The question is drawn into #confirm once.
import Modal from 'bootstrap/js/dist/modal';

const dialog = document.getElementById('confirm');
let go = null;

function ask(question, proceed) {
  dialog.querySelector('[data-part=title]').textContent = question.title;
  dialog.querySelector('[data-part=text]').textContent = question.text;
  const button = dialog.querySelector('[data-part=go]');
  button.textContent = question.verb;
  button.className = `btn ${question.tone === 'primary' ? 'btn-primary' : 'btn-danger'}`;
  go = proceed;
  Modal.getOrCreateInstance(dialog).show();
}

if (dialog) {
  dialog.querySelector('[data-part=go]').addEventListener('click', () => {
    const proceed = go;
    go = null;
    Modal.getInstance(dialog).hide();
    if (proceed) proceed();
  });
  dialog.addEventListener('shown.bs.modal', () => dialog.querySelector('[data-part=stay]').focus());

  document.addEventListener(
    'click',
    (event) => {
      const button = event.target.closest('button[data-confirm]');
      if (!button || button.dataset.confirmed === 'yes') return;
      event.preventDefault();
      event.stopPropagation();
      if (button.form && !button.formNoValidate && !button.form.reportValidity()) return;
      ask(questionOf(button), () => {
        button.dataset.confirmed = 'yes';
        button.click();
        delete button.dataset.confirmed;
      });
    },
    true,
  );
  document.addEventListener('htmx:confirm', (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const element = event.detail.elt;
    const question = { title: event.detail.question, text: element.dataset.confirmText || '', verb: verbOf(element) };
    ask(question, () => event.detail.issueRequest(true));
  });
}

function questionOf(button) {
  const { confirm, confirmText, confirmTone } = button.dataset;
  return { title: confirm, text: confirmText || '', verb: verbOf(button), tone: confirmTone };
}

function verbOf(element) {
  return element.dataset.confirmVerb || element.textContent.trim();
}
