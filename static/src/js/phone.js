// The installable visit form of phones: works without a network, keeps everything until the server has it.
// Loaded on /visits/phone only; the page itself holds no data of anybody.
import { clear, Fields } from './phone/fields.js';
import { drawFirms, drawLines, part, say } from './phone/lists.js';
import { ask, flush } from './phone/outbox.js';
import { shrink } from './phone/photos.js';
import { exportRows } from './phone/rescue.js';
import { all, become, discard, get, leave, mine, put, queue, remove, reopen, saveDraft, user } from './phone/store.js';

const PAUSE = 400;
const DAY = 24 * 3600 * 1000;
const AGAIN = 60 * 1000;
const SOON = 3000;
const MOST_PHOTOS = 12;
const form = document.getElementById('visit');
const fields = new Fields(form);
let person = null;
let draft = null;
let timer = null;
let saving = Promise.resolve();
let loginNeeded = false;

// --- start

async function start() {
  listen();
  if (!('indexedDB' in window)) {
    say('fallback', true);
    return;
  }
  try {
    if (document.cookie.includes('yumiao_left=')) await signedOut();
    person = await user();
    await useKept();
    show(location.hash === '#leave' ? 'leave' : 'home');
    await refresh();
    await signIn();
  } catch (error) {
    say('fallback', true);
  }
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  installWorker();
  document.documentElement.dataset.phone = 'ready';
}

async function signedOut() {
  await leave();
  document.cookie = 'yumiao_left=; Max-Age=0; path=/; SameSite=Lax';
}

async function useKept() {
  const kept = await get('meta', 'form');
  if (kept) fields.offer(kept.value.choices);
}

// Who is signed in now? Another person than before sees nothing of him.
async function signIn() {
  if (!navigator.onLine) return;
  let session;
  try {
    session = await ask('/api/v1/session');
  } catch (error) {
    await refresh();
    return;
  }
  loginNeeded = session.status === 401;
  if (session.status === 200 && session.body) {
    const changed = !person || person.id !== session.body.user.id;
    if (changed && draft && person) await closeForm();
    await become(session.body.user);
    person = session.body.user;
    await renew(changed);
    await upload();
  }
  await refresh();
}

// Choices and enterprises once a day; both answers name what they are for, so an old one is never mixed with a new person.
async function renew(always) {
  const kept = await get('meta', 'firms');
  if (!always && kept && Date.now() - kept.at < DAY) return;
  const [choices, firms] = await Promise.all([ask('/api/v1/visit-form'), ask('/api/v1/enterprises')]);
  if (choices.status === 200) {
    await put('meta', { name: 'form', value: choices.body });
    fields.offer(choices.body.choices);
    if (draft) fields.fill(draft.said);
  }
  if (firms.status === 200 && firms.body.user === person.id) await put('meta', { name: 'firms', value: firms.body.enterprises, at: Date.now() });
}

function installWorker() {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', refresh); // it sent something while we looked on
  navigator.serviceWorker.register('/sw.js', { scope: '/' }).then((registration) => {
    const offer = (worker) => worker && worker.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller) say('update', true);
    });
    if (registration.waiting && navigator.serviceWorker.controller) say('update', true);
    registration.addEventListener('updatefound', () => offer(registration.installing));
  }, () => {});
}

// --- what the person sees

function show(view) {
  document.querySelectorAll('[data-view]').forEach((section) => {
    section.hidden = section.dataset.view !== view;
  });
  window.scrollTo(0, 0);
}

async function refresh() {
  const rows = await mine('outbox');
  const waiting = rows.filter((row) => row.state !== 'rejected').length;
  const refused = rows.length - waiting;
  part('state').textContent = stateWords(waiting, refused);
  part('bar').dataset.tone = refused ? 'bad' : navigator.onLine && !loginNeeded ? 'ok' : 'warn';
  say('upload', waiting > 0 && navigator.onLine && !loginNeeded);
  say('login', loginNeeded);
  say('rescue', rows.length > 0);
  part('who').textContent = person ? person.name : '未登录';
  part('leave-count').textContent = String(rows.length);
  document.documentElement.dataset.waiting = String(waiting);
  document.documentElement.dataset.refused = String(refused);
  const receipts = await get('meta', 'receipts');
  const kept = await get('meta', 'firms');
  drawLines({
    drafts: (await mine('drafts')).sort((a, b) => b.at - a.at), rows: rows.sort((a, b) => a.at - b.at),
    receipts: (receipts ? receipts.value : []).filter((one) => person && one.user === person.id),
  });
  drawFirms(kept ? kept.value : [], form.ownerDocument.getElementById('find').value.trim(), Boolean(person));
}

function stateWords(waiting, refused) {
  const left = waiting ? `${waiting} 条待上传` : '';
  const back = refused ? `${refused} 条被退回，请修改或删除` : '';
  if (!navigator.onLine) return ['当前离线，照常填写即可', left && `${left}，联网后自动上传`, back].filter(Boolean).join('。');
  if (loginNeeded) return ['登录已过期', left && `${left}，重新登录后自动上传`, back].filter(Boolean).join('。');
  return [left, back].filter(Boolean).join('，') || '已联网，没有待上传的记录';
}

// --- the form

async function openForm(next) {
  draft = next;
  part('firm').textContent = draft.firm.name;
  part('firm-note').textContent = [draft.firm.town, draft.firm.contact, draft.firm.phone].filter(Boolean).join('　');
  fields.fill(draft.said);
  part('position').textContent = draft.said.position ? '已填入位置' : '没有填写位置（可以不填）';
  clear(part('problems'));
  say('refusal', false);
  part('saved').textContent = draft.revision ? '已恢复上次草稿' : '';
  await drawPhotos();
  show('form');
}

function begin(firm) {
  const today = new Date();
  const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((number) => String(number).padStart(2, '0')).join('-');
  return openForm({ key: uuid(), user: person.id, firm, said: { visited_on: day, mode: 'on_site' }, photos: [], revision: 0, at: Date.now() });
}

function uuid() {
  const numbers = crypto.getRandomValues(new Uint8Array(16));
  numbers[6] = (numbers[6] & 15) | 64;
  numbers[8] = (numbers[8] & 63) | 128;
  const text = Array.from(numbers, (number) => (number + 256).toString(16).slice(1)).join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

// Everything the person typed, saved at the end of a short pause. One save after the other.
function save() {
  clearTimeout(timer);
  timer = null;
  if (!draft) return saving;
  const position = draft.said.position;
  draft.said = { ...fields.read(), ...(position && { position }) };
  draft.at = Date.now();
  const current = draft;
  saving = saving.then(() => saveDraft(current)).then((revision) => {
    current.revision = revision;
    if (draft === current) part('saved').textContent = `草稿已存本机 ${new Date().toTimeString().slice(0, 5)}`;
  }, (error) => {
    const stale = error.message === 'stale';
    part('saved').textContent = stale ? '这份草稿正在另一个页面修改，这里的改动没有保存。请关闭其中一个页面。' : '手机存储空间不足，刚才的改动没有保存，请清理空间。';
    part('bar').dataset.tone = 'bad';
    throw error;
  });
  const outcome = saving;
  saving = saving.catch(() => {});
  return outcome;
}

async function closeForm() {
  if (timer) await save().catch(() => {});
  draft = null;
  show('home');
  await refresh();
}

async function submit() {
  if (!form.reportValidity()) return;
  const sent = draft;
  part('submit').disabled = true;
  try {
    await save();
    sent.said.device_at = new Date().toISOString();
    await queue(sent);
    draft = null;
    part('saved').textContent = '';
    show('home');
    await refresh();
    registerSync();
    await upload();
  } catch (error) {
    if (error.message !== 'stale') part('saved').textContent = '没有存入待上传，内容仍在本页，请清理手机空间后再提交。';
  } finally {
    part('submit').disabled = false;
  }
}

function registerSync() {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.ready.then((registration) => registration.sync && registration.sync.register('outbox')).catch(() => {});
}

let uploading = null;
function upload() {
  if (!navigator.onLine) return refresh();
  if (!uploading) {
    uploading = flush().then(async (result) => {
      loginNeeded = result.login || (loginNeeded && !result.sent);
      if (result.sent) part('told').textContent = `已上传 ${result.sent} 条走访记录`;
      if (result.left && !result.login) setTimeout(refresh, SOON); // another tab or the service worker may be sending it
    }).catch(() => {}).then(() => {
      uploading = null;
      return refresh();
    });
  }
  return uploading;
}

// --- photos

async function addPhotos(files) {
  for (const file of files) {
    if (draft.photos.length >= MOST_PHOTOS) {
      part('photo-note').textContent = `照片最多 ${MOST_PHOTOS} 张。`;
      return;
    }
    const id = `${draft.key}-${Date.now()}-${draft.photos.length}`;
    try {
      const photo = await shrink(file);
      await put('photos', { id, user: draft.user, ...photo });
      draft.photos = [...draft.photos, id];
      part('photo-note').textContent = '';
    } catch (error) {
      const full = error && error.name === 'QuotaExceededError';
      part('photo-note').textContent = full ? '手机存储空间不足，这张照片没有保存，文字不受影响。' : `“${file.name}”不是可用的照片，没有加入。`;
    }
    await drawPhotos();
    await save().catch(() => {});
  }
}

async function drawPhotos() {
  const area = part('photos');
  area.querySelectorAll('img').forEach((image) => URL.revokeObjectURL(image.src));
  clear(area);
  for (const id of draft.photos) {
    const photo = await get('photos', id);
    if (photo) {
      const figure = document.createElement('figure');
      const image = Object.assign(new Image(), { src: URL.createObjectURL(new Blob([photo.data], { type: photo.type })), alt: `现场照片，${Math.round(photo.size / 1024)} KB` });
      const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-plain btn-sm', textContent: '删除照片' });
      button.addEventListener('click', async () => {
        draft.photos = draft.photos.filter((one) => one !== id);
        await save().catch(() => {});
        await remove('photos', id);
        await drawPhotos();
      });
      figure.append(image, button);
      area.appendChild(figure);
    }
  }
}

// --- position: asked for only when the person wants it

function locate() {
  const line = part('position');
  if (!navigator.geolocation) {
    line.textContent = '本浏览器不能定位，不填也可以提交。';
    return;
  }
  line.textContent = '正在定位…';
  navigator.geolocation.getCurrentPosition((found) => {
    const { latitude, longitude, accuracy } = found.coords;
    draft.said.position = { latitude: latitude.toFixed(6), longitude: longitude.toFixed(6), accuracy_m: Math.round(accuracy) };
    line.textContent = `已填入位置（误差约 ${Math.round(accuracy)} 米）`;
    save().catch(() => {});
  }, (error) => {
    line.textContent = error.code === 1 ? '没有授权定位，不填也可以提交。' : '暂时定位不到，不填也可以提交。';
  }, { enableHighAccuracy: true, timeout: 8000, maximumAge: 60000 });
}

// --- a row that came back

async function mend(row) {
  await reopen(row.key);
  await openForm({ key: row.key, user: row.user, firm: row.firm, said: row.said, photos: row.photos, revision: 0, at: Date.now() });
  part('saved').textContent = '';
  part('refusal-text').textContent = row.error || '';
  (row.problems || []).forEach(({ message }) => {
    part('problems').appendChild(Object.assign(document.createElement('li'), { textContent: message }));
  });
  say('refusal', true);
}

// --- wiring

function listen() {
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => save().catch(() => {}), PAUSE);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!part('submit').disabled) submit();
  });
  form.elements.photos.addEventListener('change', async (event) => {
    const files = Array.from(event.target.files);
    await addPhotos(files);
    event.target.value = '';
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]');
    if (button) act(button).catch(() => refresh());
  });
  document.getElementById('find').addEventListener('input', refresh);
  window.addEventListener('online', signIn);
  window.addEventListener('offline', refresh);
  // some browsers say nothing when the network is back, and some say "online" behind a dead one
  setInterval(() => document.documentElement.dataset.waiting !== '0' && !document.hidden && signIn(), AGAIN);
  window.addEventListener('pagehide', () => timer && save().catch(() => {}));
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      if (timer) save().catch(() => {});
    } else signIn();
  });
}

async function act(button) {
  const { key } = button.dataset;
  const row = key && ((await get('outbox', key)) || (await get('drafts', key)));
  const done = {
    begin: () => begin(JSON.parse(button.dataset.firm)),
    search,
    resume: () => row && openForm(row),
    drop: () => row && window.confirm(`删除“${row.firm.name}”的草稿？删除后不能恢复。`) && discard('drafts', row).then(refresh),
    mend: () => row && mend(row),
    discard: () => row && window.confirm(`删除“${row.firm.name}”这条没有上传的记录？删除后不能恢复。`) && discard('outbox', row).then(refresh),
    upload,
    close: closeForm,
    locate,
    rescue: async () => exportRows(await mine('outbox'), await mine('drafts'), await all('photos')),
    update: takeOver,
    leave: signOut,
    home: () => show('home'),
    online: () => location.assign('/visits/new'),
  }[button.dataset.do];
  if (done) await done();
}

// Enterprises beyond the kept ones: asked of the server, when there is one.
async function search() {
  const text = document.getElementById('find').value.trim();
  if (text.length < 2) {
    part('told').textContent = '请至少输入两个字再查找。';
    return;
  }
  try {
    const found = await ask(`/api/v1/enterprises?q=${encodeURIComponent(text)}`);
    if (found.status === 200) drawFirms(found.body.enterprises, '', true);
    part('told').textContent = found.status === 200 ? `找到 ${found.body.enterprises.length} 家企业` : '没有查到，请重新登录后再试。';
  } catch (error) {
    part('told').textContent = '当前离线，只能选本机已保存的企业。';
  }
}

async function takeOver() {
  if (timer) await save().catch(() => {});
  const registration = await navigator.serviceWorker.getRegistration();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
  if (registration && registration.waiting) registration.waiting.postMessage('take over');
  else location.reload();
}

// The person wants to sign out although something waits: it stays for him, the enterprises go.
async function signOut() {
  const session = await ask('/api/v1/session');
  if (session.status === 200) {
    const exit = document.getElementById('exit');
    exit.elements.csrf_token.value = session.body.csrf_token;
    await leave();
    exit.submit();
  } else {
    await leave();
    location.assign('/login');
  }
}

start();
