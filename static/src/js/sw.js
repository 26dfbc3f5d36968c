// Service worker: the phone form opens without a network, other pages say so in words, signing out asks while something waits.
// The server puts PRECACHE = {version, files} before this file (see app/workbench/installing.py).
import { leave, mine } from './phone/store.js';
import { flush } from './phone/outbox.js';

const { version, files } = self.PRECACHE;
const SHELL = '/visits/phone';

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })))));
});
// drafts are in the database and not in the caches: a new version loses none
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== version).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});
self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.method === 'POST' && request.mode === 'navigate' && address.pathname === '/logout') {
    event.respondWith(signOut(request, address));
  } else if (request.method !== 'GET') {
    // writes go their own way
  } else if (request.mode === 'navigate' && address.pathname === SHELL) {
    event.respondWith(kept(SHELL, request));
  } else if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => kept('/offline', request)));
  } else if (files.includes(address.pathname)) {
    event.respondWith(kept(address.pathname, request));
  }
});

async function kept(path, request) {
  return (await (await caches.open(version)).match(path)) || fetch(request);
}

async function signOut(request, address) {
  const waiting = await mine('outbox').catch(() => []);
  if (waiting.length && address.searchParams.get('leave') !== '1') return Response.redirect(`${SHELL}#leave`, 303);
  await leave().catch(() => {});
  return fetch(request);
}

self.addEventListener('sync', (event) => {
  if (event.tag === 'outbox') {
    event.waitUntil(flush().then(async (result) => {
      (await self.clients.matchAll()).forEach((page) => page.postMessage('flushed'));
      if (result.left) throw new Error(`left ${result.left}`);
    }));
  }
});
