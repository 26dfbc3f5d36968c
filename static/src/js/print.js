// Paper cannot be opened: what is folded on the screen (口径, counties) is printed open and folded again afterwards.
let opened = [];

window.addEventListener('beforeprint', () => {
  opened = Array.from(document.querySelectorAll('main .basis:not([open]), main .panel-fold:not([open])'));
  opened.forEach((part) => (part.open = true));
});
window.addEventListener('afterprint', () => {
  opened.forEach((part) => (part.open = false));
  opened = [];
});
