const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * An element. Text goes in as text nodes only, so that nothing telemetry says can become markup.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `on…` are listeners, `style` an object of custom or plain properties.
 * @param {...unknown} children Nodes, texts, numbers, arrays of them; null, undefined and false are left out.
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. @returns {SVGElement} */
export function svgElement(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    if (value === false && !isEnumerated(name)) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [key, part] of Object.entries(value)) node.style.setProperty(key, part);
    else node.setAttribute(name, value === true && !isEnumerated(name) ? '' : String(value));
  }
  node.append(...children.flat(3).filter(isShown).map(toNode));
  return node;
}

/** Whether the attribute says `true` and `false` in words rather than by being there. */
function isEnumerated(name) {
  return name.startsWith('data-') || name.startsWith('aria-');
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

function toNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

/**
 * A part of a page that is built anew only when its input changes; keyboard focus, opened details and scroll positions
 * are kept for elements with the same `data-key`.
 * @template T
 * @param {(input: T) => Node | readonly Node[]} build
 * @param {string} [tag]
 */
export function createSection(build, tag = 'div', attributes = {}) {
  const node = element(tag, attributes);
  let signature = '';
  return {
    node,
    /** @param {T} input */
    update(input) {
      const next = JSON.stringify(input) ?? '';
      if (next === signature) return;
      signature = next;
      const restore = rememberPlace(node);
      node.replaceChildren(...[build(input)].flat());
      restore();
    },
  };
}

function rememberPlace(node) {
  const keyed = () => [...node.querySelectorAll('[data-key]')];
  const keyOf = (one) => one.getAttribute('data-key');
  const focused = node.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const before = new Map(keyed().map((one) => [keyOf(one), { open: one.open, left: one.scrollLeft }]));
  return () => {
    for (const one of keyed()) {
      const was = before.get(keyOf(one));
      if (was?.open) one.setAttribute('open', '');
      if (was?.left > 0) one.scrollLeft = was.left;
      if (focused !== null && keyOf(one) === focused) one.focus({ preventScroll: true });
    }
  };
}
