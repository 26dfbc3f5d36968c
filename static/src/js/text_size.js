// 大字版: remembered in a cookie of this browser, so that the server draws the next page in the right size at once.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-text-size]');
  if (!button) return;
  const root = document.documentElement;
  const large = root.dataset.size !== 'large';
  root.dataset.size = large ? 'large' : 'normal';
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `yumiao_text=${root.dataset.size}; path=/; max-age=31536000; samesite=lax${secure}`;
  document.querySelectorAll('[data-text-size]').forEach((other) => {
    other.setAttribute('aria-pressed', String(large));
    other.querySelector('[data-part=label]').textContent = large ? '标准字号' : '大字版';
  });
});
