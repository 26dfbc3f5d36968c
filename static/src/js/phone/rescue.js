// The last resort: everything that is not uploaded, as a file the person can carry away (photos inside as text).
export function exportRows(rows, drafts, photos) {
  const wanted = [...rows, ...drafts];
  const ids = [].concat(...wanted.map((row) => row.photos));
  const content = {
    made_at: new Date().toISOString(),
    visits: wanted.map(({ key, firm, said, state, error }) => ({ key, firm: firm.name, state: state || 'draft', error, visit: said })),
    photos: photos.filter((photo) => ids.includes(photo.id)).map(({ id, type, data }) => ({ id, type, base64: base64(data) })),
  };
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: 'application/json' }));
  link.download = `待上传走访_${content.made_at.slice(0, 10)}.json`;
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function base64(data) {
  const numbers = new Uint8Array(data);
  let text = '';
  for (let start = 0; start < numbers.length; start += 8192) text += String.fromCharCode(...numbers.subarray(start, start + 8192));
  return btoa(text);
}
