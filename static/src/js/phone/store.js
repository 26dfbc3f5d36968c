// What the phone keeps until the server has it: drafts, photos, the outbox, and a few facts about the person (IndexedDB).
// Page and service worker share this file. Every row carries the id of the person who wrote it.
const NAME = 'yumiao-phone';
const STORES = { meta: 'name', drafts: 'key', photos: 'id', outbox: 'key' };
let opened = null;

function open() {
  if (opened) return opened;
  opened = new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      Object.keys(STORES).forEach((store) => request.result.createObjectStore(store, { keyPath: STORES[store] }));
    };
    request.onsuccess = () => {
      const database = request.result;
      // a newer version of this page waits for us: let it in, the next call opens again
      database.onversionchange = () => forget(database);
      database.onclose = () => forget(database);
      done(database);
    };
    request.onerror = () => failed(request.error);
    request.onblocked = () => failed(new Error('blocked'));
  });
  opened.catch(() => {
    opened = null;
  });
  return opened;
}

function forget(database) {
  database.close();
  opened = null;
}

// One transaction: steps(stores) issues requests and may return one whose result is the answer. All of it happens or nothing.
export async function change(names, mode, steps) {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(names, mode);
    let answer;
    let reason = null;
    const stores = {};
    names.forEach((name) => {
      stores[name] = transaction.objectStore(name);
    });
    const refuse = (error) => {
      reason = error;
      transaction.abort();
    };
    transaction.oncomplete = () => done(answer instanceof IDBRequest ? answer.result : answer);
    transaction.onabort = () => failed(reason || transaction.error || new Error('aborted'));
    transaction.onerror = () => {};
    answer = steps(stores, refuse);
  });
}

export const get = (store, key) => change([store], 'readonly', (stores) => stores[store].get(key));
export const all = (store) => change([store], 'readonly', (stores) => stores[store].getAll());
export const put = (store, row) => change([store], 'readwrite', (stores) => stores[store].put(row));
export const remove = (store, key) => change([store], 'readwrite', (stores) => stores[store].delete(key));

// --- who this phone works for

export async function user() {
  const row = await get('meta', 'user');
  return row ? row.value : null;
}

// Another person signed in, or the same one again: facts of somebody else are thrown away, his drafts stay hidden until he comes back.
export async function become(person) {
  const before = await user();
  if (!before || before.id !== person.id) await leave();
  await put('meta', { name: 'user', value: person });
}

// Signed out: nothing of the enterprises remains on the phone. What is not uploaded yet stays, for its writer only.
export async function leave() {
  await change(['meta'], 'readwrite', (stores) => stores.meta.clear());
}

export async function mine(store) {
  const person = await user();
  return person ? (await all(store)).filter((row) => row.user === person.id) : [];
}

// --- drafts

// Save a draft unless another tab saved it since: then the promise fails with "stale".
export function saveDraft(draft) {
  return change(['drafts'], 'readwrite', (stores, refuse) => {
    const request = stores.drafts.get(draft.key);
    request.onsuccess = () => {
      if (request.result && request.result.revision !== draft.revision) refuse(new Error('stale'));
      else stores.drafts.put({ ...draft, revision: draft.revision + 1 });
    };
    return draft.revision + 1;
  });
}

// The draft is finished: it leaves the drafts and enters the outbox in one step, photos stay where they are.
export function queue(draft) {
  return change(['drafts', 'outbox'], 'readwrite', (stores) => {
    stores.outbox.put({
      key: draft.key, user: draft.user, firm: draft.firm, said: draft.said, photos: draft.photos, state: 'waiting', tries: 0, lease: 0, at: Date.now(),
    });
    stores.drafts.delete(draft.key);
  });
}

// A refused row becomes a draft again, under the same key.
export function reopen(key) {
  return change(['drafts', 'outbox'], 'readwrite', (stores) => {
    const request = stores.outbox.get(key);
    request.onsuccess = () => {
      const row = request.result;
      if (!row) return;
      const { user: person, firm, said, photos } = row;
      stores.drafts.put({ key, user: person, firm, said, photos, revision: 0, at: Date.now() });
      stores.outbox.delete(key);
    };
  });
}

export function discard(store, row) {
  return change([store, 'photos'], 'readwrite', (stores) => {
    stores[store].delete(row.key);
    row.photos.forEach((id) => stores.photos.delete(id));
  });
}
