// Run something for the matching elements of the page, and again for those that htmx brings in.
export function onContent(selector, run) {
  const visit = (root) => {
    const found = Array.from(root.querySelectorAll(selector));
    if (root.matches && root.matches(selector)) found.unshift(root);
    const fresh = found.filter((element) => !marks(element).has(run));
    fresh.forEach((element) => marks(element).add(run));
    if (fresh.length) run(fresh);
  };
  visit(document);
  document.addEventListener('htmx:load', (event) => visit(event.detail.elt));
}

const seen = new WeakMap();

function marks(element) {
  if (!seen.has(element)) seen.set(element, new Set());
  return seen.get(element);
}
