// A photo as it is kept on the phone: upright, at most 1600 pixels, a JPEG without anything the camera wrote into it.
const SIDE = 1600;
const QUALITY = 0.72;

export async function shrink(file) {
  const address = URL.createObjectURL(file);
  try {
    const image = await load(address);
    const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => {
      canvas.toBlob(done, 'image/jpeg', QUALITY);
    });
    if (!blob) throw new Error('empty');
    return { data: await bytes(blob), type: 'image/jpeg', size: blob.size, width: canvas.width, height: canvas.height };
  } finally {
    URL.revokeObjectURL(address);
  }
}

function load(address) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error('unreadable'));
    image.src = address;
  });
}

function bytes(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsArrayBuffer(blob);
  });
}
