// The large figures: what an operator looks at first.

import { flowOf, isImplausible } from "../catalogue.js";
import { nameIn, pick } from "../devices.js";
import { make, say } from "../dom.js";
import { FIGURES } from "../fields.js";
import { ago, MISSING, number, rangeText, withUnit } from "../format.js";

function shell(figure) {
  const value = make("span", { class: "figure-value" }, MISSING);
  const unit = make("span", { class: "figure-unit" });
  const word = make("p", { class: "figure-word" });
  const age = make("p", { class: "figure-age" });
  const title = make("h2", { class: "figure-title" }, figure.title);
  const element = make(
    "article",
    { class: `figure figure-${figure.look}` },
    title,
    make("p", { class: "figure-line" }, value, " ", unit),
    word,
    age,
  );
  return { element, value, unit, word, age };
}

function warning(signal, value) {
  return isImplausible(signal, value) ? `outside ${rangeText(signal)}` : "";
}

function single(figure, { entry, catalogue }) {
  const id = pick(entry, figure.fields);
  if (!id) return null;
  const signal = catalogue.describe(id);
  const parts = shell(figure);
  const fill = make("span", { class: "level-fill" });
  if (figure.look === "level") parts.element.append(make("div", { class: "level", "aria-hidden": "true" }, fill));
  parts.element.dataset.field = id;
  return {
    ...parts,
    names: [nameIn(entry, id)],
    show([value], most) {
      say(parts.value, number(signal, value));
      say(parts.unit, value === null ? "" : signal.unit);
      const flow = flowOf(signal, value, most);
      const warn = warning(signal, value);
      say(parts.word, warn || flow);
      parts.element.dataset.flow = flow;
      parts.element.toggleAttribute("data-warn", warn !== "");
      fill.style.width = value === null ? "0" : `${Math.min(Math.max(value, 0), 100)}%`;
    },
  };
}

/** Where one end is not known, which one the other is. */
function rangeOf(least, most) {
  if (least === MISSING && most === MISSING) return MISSING;
  if (least === MISSING) return `up to ${most}`;
  return most === MISSING ? `from ${least}` : `${least} – ${most}`;
}

function span(figure, { entry, catalogue }) {
  const ids = [figure.low, figure.high, figure.spread];
  if (!pick(entry, ids)) return null;
  const [low, high, spread] = ids.map((id) => catalogue.describe(id));
  const parts = shell(figure);
  parts.element.dataset.field = figure.low;
  return {
    ...parts,
    names: ids.map((id) => nameIn(entry, id)),
    show([least, most, apart]) {
      const none = least === null && most === null;
      say(parts.value, rangeOf(number(low, least), number(high, most)));
      say(parts.unit, none ? "" : low.unit);
      const warn = warning(low, least) || warning(high, most);
      say(parts.word, warn || (apart === null ? "spread unknown" : `spread ${withUnit(spread, apart)}`));
      parts.element.toggleAttribute("data-warn", warn !== "");
    },
  };
}

export const figures = {
  mount(host, context) {
    const all = FIGURES[context.entry.kind].map((figure) => (figure.look === "span" ? span : single)(figure, context));
    const cards = all.filter(Boolean);
    const element = make(
      "section",
      { class: "figures", "aria-label": "Key figures" },
      ...cards.map((card) => card.element),
    );
    if (cards.length > 0) host.append(element);
    let shown = new Map();

    function tick(now_ms) {
      for (const card of cards) {
        const records = card.names.map((name) => shown.get(name)).filter(Boolean);
        const missing = records.length > 0 && records.every((record) => record.value === null);
        const received_ms = Math.max(...records.map((record) => record.received_ms ?? -Infinity));
        const age = Number.isFinite(received_ms) ? ago(now_ms - received_ms) : "";
        say(card.age, missing ? `no value since ${context.clock.short(records[0].since_ms)}` : age || "no value yet");
      }
    }

    return {
      update({ fields }) {
        shown = fields;
        for (const card of cards) {
          const records = card.names.map((name) => fields.get(name));
          card.show(
            records.map((record) => record?.value ?? null),
            records[0]?.most,
          );
        }
      },
      tick,
      unmount: () => element.remove(),
    };
  },
};
