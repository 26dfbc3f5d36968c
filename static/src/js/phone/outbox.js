// Sending what waits. Safe to call at any time and from several tabs: a row is sent by one at a time, and the server knows its key.
import { change, discard, get, mine, put, user } from './store.js';

const LEASE = 90000;
const PATIENCE = 60000;
const KEPT_RECEIPTS = 20;

// {sent, left, refused, login}: login = the person has to sign in again.
export async function flush() {
  const person = await user();
  const result = { sent: 0, left: 0, refused: 0, login: false };
  if (!person) return result;
  for (const row of (await mine('outbox')).sort((a, b) => a.at - b.at)) {
    if (row.state === 'rejected') {
      result.refused += 1;
    } else if (result.login) {
      result.left += 1;
    } else {
      const outcome = await sendClaimed(row.key, person);
      if (outcome === 'sent') result.sent += 1;
      else if (outcome === 'rejected') result.refused += 1;
      else if (outcome !== 'gone') result.left += 1;
      result.login = outcome === 'login';
    }
  }
  return result;
}

async function sendClaimed(key, person) {
  const row = await claim(key);
  if (!row) return (await get('outbox', key)) ? 'busy' : 'gone';
  let outcome;
  try {
    outcome = await send(row, person);
  } catch (error) {
    outcome = { state: 'waiting', error: '网络不通，联网后自动上传' };
  }
  if (outcome.state === 'sent') {
    await remember({ key, id: outcome.id, url: outcome.url, firm: row.firm.name, at: Date.now(), user: row.user });
    await discard('outbox', row);
    return 'sent';
  }
  await put('outbox', { ...row, ...outcome, state: outcome.state === 'login' ? 'waiting' : outcome.state, tries: row.tries + 1, lease: 0 });
  return outcome.state;
}

// Take the row for a while; null when another tab has it or it is gone.
async function claim(key) {
  let taken = null;
  await change(['outbox'], 'readwrite', (stores) => {
    const request = stores.outbox.get(key);
    request.onsuccess = () => {
      const row = request.result;
      if (!row || row.state !== 'waiting' || row.lease > Date.now()) return;
      taken = { ...row, lease: Date.now() + LEASE };
      stores.outbox.put(taken);
    };
  });
  return taken;
}

async function send(row, person) {
  const session = await ask('/api/v1/session');
  if (session.status === 401) return { state: 'login', error: '登录已过期，重新登录后自动上传' };
  if (!session.body || !session.body.user) throw new Error('no answer of ours');
  if (session.body.user.id !== person.id || row.user !== person.id) return { state: 'login', error: '请用填写时的账号登录后上传' };
  const answer = await post(row, session.body.csrf_token);
  if ((answer.status === 200 || answer.status === 201) && answer.body && answer.body.id) {
    return { state: 'sent', id: answer.body.id, url: answer.body.url };
  }
  return refusal(answer);
}

async function post(row, token) {
  const form = new FormData();
  form.append('visit', JSON.stringify({ ...row.said, enterprise_id: row.firm.id }));
  for (const id of row.photos) {
    const photo = await get('photos', id);
    if (photo) form.append('photos', new Blob([photo.data], { type: photo.type }), `${id}.jpg`);
  }
  const headers = { 'Idempotency-Key': row.key, 'X-CSRFToken': token, 'Yumiao-User': String(row.user) };
  return ask('/api/v1/visits', { method: 'POST', body: form, headers });
}

// 4xx that the person can mend; everything else is tried again later.
function refusal(answer) {
  const body = answer.body || {};
  if (answer.status === 401) return { state: 'login', error: '登录已过期，重新登录后自动上传' };
  const temporary = !answer.body || answer.status >= 500 || answer.status === 429 || answer.status === 408 || body.code === 'csrf' || body.code === 'other_user';
  if (temporary) return { state: 'waiting', error: body.detail || '服务器暂时没有收下，稍后自动重试' };
  return { state: 'rejected', error: body.detail || `被退回（${answer.status}）`, problems: body.problems || [], stored: body.visit || null };
}

// A JSON answer of ours with its status; a login page of a hotel network has no JSON and counts as no answer.
export async function ask(address, options = {}) {
  const stop = typeof AbortController === 'function' ? new AbortController() : null;
  const timer = stop && setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(address, {
      credentials: 'same-origin', cache: 'no-store', redirect: 'error', ...options, headers: { Accept: 'application/json', ...options.headers },
      ...(stop && { signal: stop.signal }),
    });
    const type = answer.headers.get('Content-Type') || '';
    return { status: answer.status, body: type.includes('json') ? await answer.json() : null };
  } finally {
    if (timer) clearTimeout(timer);
  }
}

async function remember(receipt) {
  const row = await get('meta', 'receipts');
  const kept = [receipt, ...(row ? row.value : [])].slice(0, KEPT_RECEIPTS);
  await put('meta', { name: 'receipts', value: kept });
}
