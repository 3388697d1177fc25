// Making elements. Chat text is hostile: it only ever becomes text nodes, never markup.

export const byId = (id) => document.getElementById(id);

/** An element with properties, or attributes where there is no such property, and children. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const button = (text, onclick, className = "plain") => el("button", { type: "button", className, onclick }, text);

/**
 * Make the children of `parent` those of `items`: `key` says which one it is, `of` what it is made
 * of, `make` makes it. What has not changed stays in place, with its focus and selection.
 */
export function fill(parent, items) {
  items.forEach((item, n) => {
    const sign = JSON.stringify(item.of);
    const there = parent.children[n];
    if (there?.dataset.key === item.key && there.sign === sign) return;
    const node = item.make();
    node.dataset.key = item.key;
    node.sign = sign;
    if (there?.dataset.key === item.key) there.replaceWith(node);
    else parent.insertBefore(node, there ?? null);
  });
  while (parent.children.length > items.length) parent.lastElementChild.remove();
}

/** A coloured letter for a person or a group. */
export function avatar(id, name) {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + letter.codePointAt(0)) % 997;
  const letter = name.match(/[\p{L}\p{N}]/u)?.[0] ?? "?";
  return el("span", { className: `avatar hue-${hash % 8}`, ariaHidden: "true" }, letter);
}

/** Say what went wrong in a line of the page; nothing hides the line. */
export function say(line, text) {
  line.textContent = text;
  line.hidden = !text;
}
