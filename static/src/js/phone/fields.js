// The form of a visit and its plain data (the body of POST /api/v1/visits): reading, filling, repeated rows, chips.
const LISTS = ['help_areas', 'stages', 'actions', 'domains'];
const ROWS = ['findings', 'measures', 'promises', 'demands'];
const SINGLE = ['visited_on', 'summary', 'feedback', 'next_contact_on', 'next_contact_why', 'internal_note'];

export class Fields {
  constructor(form) {
    this.form = form;
    this.choices = {};
    form.addEventListener('click', (event) => {
      const adder = event.target.closest('[data-add]');
      const remover = event.target.closest('[data-remove]');
      if (adder) this.addRow(adder.dataset.add, {}).querySelector('input, textarea').focus();
      if (remover) {
        remover.closest('[data-row]').remove();
        form.dispatchEvent(new Event('input', { bubbles: true }));
      }
    });
  }

  // Lists of the city's pack; a list the pack does not have is not shown.
  offer(choices) {
    this.choices = choices;
    LISTS.forEach((name) => {
      const area = this.form.querySelector(`[data-chips=${name}]`);
      drawChips(area, name, 'checkbox', choices[name] || []);
      area.closest('fieldset').hidden = !(choices[name] || []).length;
    });
    drawChips(this.form.querySelector('[data-chips=mode]'), 'mode', 'radio', choices.modes || []);
  }

  fill(said) {
    SINGLE.forEach((name) => {
      this.form.elements[name].value = said[name] || '';
    });
    this.check('mode', [said.mode || 'on_site']);
    LISTS.forEach((name) => this.check(name, said[name] || []));
    this.form.elements.feedback_given.value = said.feedback_given === undefined ? '' : String(said.feedback_given);
    ROWS.forEach((name) => {
      clear(this.form.querySelector(`[data-rows=${name}]`));
      (said[name] || []).forEach((row) => this.addRow(name, row));
    });
    this.form.elements.firm_people.value = (said.people || []).filter((one) => one.side === 'enterprise')
      .map((one) => `${one.name} ${one.title || ''}`.trim()).join('\n');
  }

  check(name, codes) {
    this.form.querySelectorAll(`input[name="${name}"]`).forEach((box) => {
      box.checked = codes.includes(box.value);
    });
  }

  // What stands in the form; what is empty is not in it.
  read() {
    const said = {};
    SINGLE.forEach((name) => keep(said, name, this.form.elements[name].value.trim()));
    const mode = this.form.querySelector('input[name=mode]:checked');
    said.mode = mode ? mode.value : 'on_site';
    LISTS.forEach((name) => keep(said, name, this.checked(name)));
    const given = this.form.elements.feedback_given.value;
    if (given) said.feedback_given = given === 'true';
    ROWS.forEach((name) => keep(said, name, this.rows(name)));
    const people = this.form.elements.firm_people.value.split('\n').map((line) => line.trim()).filter(Boolean);
    keep(said, 'people', people.map((line) => {
      const [name, ...title] = line.split(/\s+/);
      return { name, side: 'enterprise', title: title.join(' ') };
    }));
    return said;
  }

  checked(name) {
    return Array.from(this.form.querySelectorAll(`input[name="${name}"]:checked`), (box) => box.value);
  }

  rows(name) {
    return Array.from(this.form.querySelectorAll(`[data-rows=${name}] [data-row]`), (row) => {
      const said = {};
      row.querySelectorAll('[data-part]').forEach((part) => keep(said, part.dataset.part, part.value.trim()));
      return said;
    }).filter((row) => row.text);
  }

  addRow(name, said) {
    const row = document.getElementById(`row-${name}`).content.firstElementChild.cloneNode(true);
    const number = this.next = (this.next || 0) + 1;
    row.querySelectorAll('[data-part]').forEach((part) => {
      const list = part.dataset.list;
      if (list) options(part, this.choices[list] || []);
      part.id = `${name}-${number}-${part.dataset.part}`;
      row.querySelector(`[data-for=${part.dataset.part}]`).htmlFor = part.id;
      part.value = said[part.dataset.part] || (part.tagName === 'SELECT' ? part.options[0].value : '');
    });
    this.form.querySelector(`[data-rows=${name}]`).appendChild(row);
    return row;
  }
}

function keep(said, name, value) {
  if (value && value.length) said[name] = value;
}

export function clear(element) {
  while (element.firstChild) element.firstChild.remove();
}

function drawChips(area, name, type, choices) {
  clear(area);
  choices.forEach(({ code, label }) => {
    const box = Object.assign(document.createElement('input'), { type, name, value: code, id: `${name}-${code}` });
    const text = Object.assign(document.createElement('label'), { htmlFor: box.id, textContent: label });
    const chip = document.createElement('span');
    chip.append(box, text);
    area.appendChild(chip);
  });
}

function options(select, choices) {
  choices.forEach(({ code, label }) => select.appendChild(new Option(label, code)));
}
