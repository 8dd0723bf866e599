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
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [key, part] of Object.entries(value)) node.style.setProperty(key, part);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat(3).filter(isShown).map(toNode));
  return node;
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

function toNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

/**
 * A part of a page that is built anew only when its input changes, keeping the keyboard focus on the element with the
 * same `data-key`.
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
      const focused = node.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : null;
      const opened = [...node.querySelectorAll('details[open][data-key]')].map((one) => one.getAttribute('data-key'));
      node.replaceChildren(...[build(input)].flat());
      for (const one of node.querySelectorAll('details[data-key]')) {
        if (opened.includes(one.getAttribute('data-key'))) one.setAttribute('open', '');
      }
      if (focused) node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    },
  };
}
