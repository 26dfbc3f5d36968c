// File field with a drop area (data-drop): shows the chosen name and size, refuses too large or wrong files before sending.
document.addEventListener('change', (event) => {
  const area = event.target.closest('[data-drop]');
  if (area && event.target.type === 'file') show(area, event.target);
});

['dragover', 'dragleave', 'drop'].forEach((kind) => {
  document.addEventListener(kind, (event) => {
    const area = event.target.closest && event.target.closest('[data-drop]');
    if (!area) return;
    event.preventDefault();
    area.classList.toggle('is-over', kind === 'dragover');
    if (kind !== 'drop' || !event.dataTransfer.files.length) return;
    const input = area.querySelector('input[type=file]');
    input.files = event.dataTransfer.files;
    show(area, input);
  });
});

function show(area, input) {
  const file = input.files[0];
  const problem = file ? problemOf(file, area, input) : '';
  input.setCustomValidity(problem);
  area.querySelector('[data-part=name]').textContent = file ? problem || `已选择：${file.name}（${sizeOf(file)}）` : '';
}

function problemOf(file, area, input) {
  const limit = Number(area.dataset.maxMb || 0);
  const kinds = input.accept ? input.accept.split(',').map((kind) => kind.trim().toLowerCase()) : [];
  const named = kinds.filter((kind) => kind.startsWith('.'));
  if (named.length && !named.some((kind) => file.name.toLowerCase().endsWith(kind))) {
    return `“${file.name}”不是支持的格式，请选择 ${named.join('、')} 文件。`;
  }
  if (limit && file.size > limit * 1024 * 1024) return `文件 ${sizeOf(file)}，超过 ${limit} MB 上限，请拆分后再传。`;
  return file.size === 0 ? '文件是空的，请检查后重新选择。' : '';
}

function sizeOf(file) {
  const kb = file.size / 1024;
  return kb < 1024 ? `${Math.max(kb, 0.1).toFixed(1)} KB` : `${(kb / 1024).toFixed(1)} MB`;
}
