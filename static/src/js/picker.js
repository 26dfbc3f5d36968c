// Select with search (select[data-picker]); data-picker-url loads matches from the server as [{"value", "text", "note"}].
import TomSelect from 'tom-select/base';

export function enhance(selects) {
  selects.forEach((select) => {
    const address = select.dataset.pickerUrl;
    const remote = address ? { load: (query, done) => load(address, query, done), shouldLoad: (query) => query.length >= 2 } : {};
    const control = new TomSelect(select, {
      maxOptions: 200,
      create: false,
      allowEmptyOption: true,
      searchField: ['text', 'note'],
      render: {
        option: line('option'),
        item: line('item'),
        no_results: () => message('没有匹配项'),
        loading: () => message('正在查找…'),
      },
      ...remote,
    });
    // the label now points to the new input; error and help text must follow it
    ['aria-describedby', 'aria-invalid'].forEach((name) => {
      if (select.hasAttribute(name)) control.control_input.setAttribute(name, select.getAttribute(name));
    });
    select.setAttribute('aria-hidden', 'true');
  });
}

function load(address, query, done) {
  const url = new URL(address, location.href);
  url.searchParams.set('q', query);
  fetch(url, { headers: { Accept: 'application/json' }, credentials: 'same-origin' })
    .then((answer) => (answer.ok ? answer.json() : []))
    .then(done, () => done());
}

// built from nodes, so that a name is never read as markup
function line(kind) {
  return (data) => {
    const row = document.createElement('div');
    row.className = kind;
    row.textContent = data.text;
    if (data.note) {
      const note = document.createElement('span');
      note.className = 'kind';
      note.textContent = `　${data.note}`;
      row.appendChild(note);
    }
    return row;
  };
}

function message(text) {
  const row = document.createElement('div');
  row.className = 'no-results';
  row.textContent = text;
  return row;
}
