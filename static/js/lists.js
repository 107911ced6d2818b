// A list of the newest of something: rows are kept by key, so that nothing loses the focus when another one comes.

import { make, say } from "./dom.js";

function inOrder(host, elements) {
  elements.forEach((element, index) => {
    if (host.children[index] !== element) host.insertBefore(element, host.children[index] ?? null);
  });
  while (host.children.length > elements.length) host.lastElementChild.remove();
}

/**
 * `rowOf(item)` makes a row `{element, show(item)}`, `keyOf(item)` says which is its own, `few` are shown at first.
 * Gives `{element, show(items, nothing)}`; `nothing` are the words where there is none.
 */
export function createList({ rowOf, keyOf, few, label }) {
  const rows = new Map();
  const list = make("ul", { class: "findings", "aria-label": label });
  const none = make("p", { class: "empty" });
  const more = make("button", { type: "button", class: "more", "aria-expanded": "false", hidden: "" });
  const element = make("div", {}, list, none, more);
  let all = false;
  let items = [];

  function rowFor(item) {
    const key = keyOf(item);
    if (!rows.has(key)) rows.set(key, rowOf(item));
    const row = rows.get(key);
    row.show(item);
    return row.element;
  }

  function draw() {
    const shown = all ? items : items.slice(0, few);
    inOrder(list, shown.map(rowFor));
    const keys = new Set(items.map(keyOf));
    for (const key of rows.keys()) if (!keys.has(key)) rows.delete(key);
    list.hidden = items.length === 0;
    none.hidden = items.length > 0;
    more.hidden = items.length <= few;
    more.setAttribute("aria-expanded", String(all));
    say(more, all ? "Show fewer" : `Show all ${items.length}`);
  }

  more.addEventListener("click", () => {
    all = !all;
    draw();
  });

  return {
    element,
    show(next, nothing) {
      items = next;
      say(none, nothing);
      draw();
    },
  };
}
