/* Lists that follow the state: rows by key from the page's own template, moved and filled in place, text only. */

export function fillRow(row, values) {
  for (const [name, value] of Object.entries(values)) {
    const part = row.querySelector(`[data-of="${name}"]`);
    if (part && part.textContent !== value) part.textContent = value;
  }
}

/** Makes `[data-list=name]` show `items` in order; `key(item)` names a row, `draw(row, item)` fills it. */
export function drawList(name, items, key, draw) {
  const list = document.querySelector(`[data-list="${name}"]`);
  const pattern = document.querySelector(`template[data-for="${name}"]`);
  if (!list || !pattern) return;
  const known = new Map(Array.from(list.children, (row) => [row.dataset.row, row]));
  items.forEach((item, place) => {
    const code = String(key(item));
    const row = known.get(code) ?? pattern.content.firstElementChild.cloneNode(true);
    known.delete(code);
    row.dataset.row = code;
    draw(row, item);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  for (const row of known.values()) row.remove();
}

/** Lines of a text as text nodes and breaks. */
export function lines(element, text) {
  element.replaceChildren(
    ...text.split("\n").flatMap((line, place) => (place ? [document.createElement("br"), line] : [line])),
  );
}

export function show(selector, isShown) {
  document.querySelectorAll(selector).forEach((element) => { element.hidden = !isShown; });
}

export function say(selector, text) {
  document.querySelectorAll(selector).forEach((element) => {
    if (element.textContent !== text) element.textContent = text;
  });
}
