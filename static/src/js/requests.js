// htmx: safe settings for a strict content policy and shared office computers, CSRF header, failures said in words.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { toast } from './toast.js';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // no page of a colleague stays in the browser's storage
  historyRestoreAsHxRequest: false,
  scrollBehavior: 'auto',
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true }, // a form that came back with its errors
    { code: '[45]..', swap: false, error: true },
  ],
});

document.addEventListener('htmx:configRequest', (event) => {
  const token = document.querySelector('meta[name=csrf-token]');
  if (token) event.detail.headers['X-CSRFToken'] = token.content;
});
document.addEventListener('htmx:sendError', () => toast('网络不通，操作未提交。请检查网络后重试。'));
document.addEventListener('htmx:timeout', () => toast('等待超时，操作可能没有完成。请刷新页面确认后再试。'));
document.addEventListener('htmx:responseError', (event) => {
  const answer = event.detail.xhr;
  if (answer.status === 401) {
    toast('登录已过期，请重新登录。当前填写的内容仍在本页。', { label: '去登录', url: '/' });
    return;
  }
  toast(messageOf(answer) || `操作失败（${answer.status}），已保留您的输入。`);
});

// Error fragments of the server carry their sentence in .error-message.
function messageOf(answer) {
  const type = answer.getResponseHeader('Content-Type') || '';
  if (!type.includes('text/html')) return '';
  const page = new DOMParser().parseFromString(answer.responseText, 'text/html');
  const message = page.querySelector('.error-message');
  return message ? message.textContent.trim() : '';
}
