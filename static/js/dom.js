// The two things that every panel does with the document.

/** `make("p", { class: "x", title: "y" }, "text", child)`; a null attribute is left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Writes only what differs, so that nothing is laid out or announced for nothing. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
