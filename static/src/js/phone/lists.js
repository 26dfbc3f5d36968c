// Lists of the phone page: enterprises to pick, drafts, what waits, what was received. Built from nodes, never from markup.
import { clear } from './fields.js';

const SHOWN = 100;

export const part = (name) => document.querySelector(`[data-part="${name}"]`);

export function say(name, wanted) {
  part(name).hidden = !wanted;
}

function button(label, action, data = {}, look = 'btn-plain') {
  const made = Object.assign(document.createElement('button'), { type: 'button', className: `btn btn-sm ${look}`, textContent: label });
  Object.assign(made.dataset, { do: action, ...data });
  return made;
}

function line(title, note, buttons, tone = '') {
  const item = document.createElement('li');
  const head = Object.assign(document.createElement('b'), { textContent: title });
  const text = Object.assign(document.createElement('div'), { className: `small ${tone}`, textContent: note });
  const bar = Object.assign(document.createElement('div'), { className: 'phone-buttons' });
  bar.append(...buttons);
  item.append(head, text, bar);
  return item;
}

function when(moment) {
  const time = new Date(moment);
  return `${time.getMonth() + 1}月${time.getDate()}日 ${time.toTimeString().slice(0, 5)}`;
}

export function drawLines({ drafts, rows, receipts }) {
  fill('drafts', drafts, (row) => line(row.firm.name, `${row.said.summary || '还没有写内容'}　${when(row.at)}`, [
    button('继续填写', 'resume', { key: row.key }, 'btn-primary'), button('删除草稿', 'drop', { key: row.key }),
  ]));
  fill('rows', rows, (row) => {
    const refused = row.state === 'rejected';
    const buttons = refused
      ? [row.stored ? stored(row.stored) : button('修改后重新提交', 'mend', { key: row.key }, 'btn-primary'), button('删除这条', 'discard', { key: row.key })]
      : [];
    return line(row.firm.name, refused ? `被退回：${row.error}` : row.error || '等待上传', buttons, refused ? 'phone-bad' : '');
  });
  fill('receipts', receipts.slice(0, 5), (row) => line(row.firm, `已上传，回执编号 ${row.id}　${when(row.at)}`, [stored(row)]));
}

function stored(visit) {
  return Object.assign(document.createElement('a'), { href: visit.url, className: 'btn btn-sm btn-plain', textContent: '打开已保存的走访' });
}

function fill(name, rows, draw) {
  const list = part(name);
  clear(list);
  rows.forEach((row) => list.appendChild(draw(row)));
  list.closest('section').hidden = rows.length === 0;
}

export function drawFirms(firms, text, known) {
  const list = part('firms');
  clear(list);
  const found = firms.filter((firm) => !text || [firm.name, firm.credit_code, firm.town].some((word) => (word || '').includes(text)));
  found.slice(0, SHOWN).forEach((firm) => {
    const counts = [firm.open_promises && `${firm.open_promises} 项承诺未兑现`, firm.open_demands && `${firm.open_demands} 件诉求在办`].filter(Boolean);
    const note = [firm.town, firm.last_visit_on ? `上次走访 ${firm.last_visit_on}` : '还没有走访过', ...counts].join('　');
    const start = button('登记走访', 'begin', { firm: JSON.stringify(firm) }, 'btn-primary');
    start.setAttribute('aria-label', `登记走访：${firm.name}`);
    list.appendChild(line(firm.name, note, [start]));
  });
  part('firms-note').textContent = noteOf(found.length, firms.length, known);
}

function noteOf(found, kept, known) {
  if (!known) return '请先登录一次，之后没有网络也能登记。';
  if (!kept) return '本机没有保存的企业。联网时输入名称点“查找”。';
  if (!found) return '本机保存的企业里没有，联网时点“查找”在全部企业里找。';
  return found > SHOWN ? `共 ${found} 家，只列前 ${SHOWN} 家，请输入名称缩小范围。` : `共 ${found} 家。`;
}
