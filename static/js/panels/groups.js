// All values, by group. A row is there because the reading has the field and the device measures it.

import { flowOf, isImplausible } from "../catalogue.js";
import { make, say } from "../dom.js";
import { GROUPS } from "../fields.js";
import { ago, duration, number, rangeText } from "../format.js";

const HINT = "Old: how long before its reading a value was measured, in plant time.";
// "fa1_..." and "fa2_..." are one instrument each
const INSTRUMENT = /^([a-z]+\d+)_/;

function rowOf(record, catalogue) {
  const signal = catalogue.describe(record.id);
  const value = make("span", { class: "row-value" });
  const unit = make("span", { class: "row-unit" });
  const word = make("span", { class: "row-word" });
  const age = make("span", { class: "row-age" });
  const head = make(
    "th",
    { scope: "row" },
    make("span", { class: "row-label" }, signal.label),
    make("code", { class: "row-code" }, signal.field),
  );
  const line = make("span", { class: "row-line" }, value, " ", unit);
  const element = make("tr", { "data-field": record.id }, head, make("td", {}, line, word, age));

  function show(now) {
    const warn = isImplausible(signal, now.value);
    say(value, number(signal, now.value));
    say(unit, now.value === null ? "" : signal.unit);
    say(word, warn ? `outside ${rangeText(signal)}` : flowOf(signal, now.value, now.most));
    element.toggleAttribute("data-warn", warn);
    element.toggleAttribute("data-missing", now.value === null);
  }

  return { element, age, show };
}

/** Topics in the order of the page, unknown ones last. */
function rank(topic) {
  const index = GROUPS.findIndex(([name]) => name === topic);
  return index < 0 ? GROUPS.length : index;
}

function groupOf({ topic, field }) {
  const title = GROUPS[rank(topic)]?.[1] ?? topic;
  const instrument = INSTRUMENT.exec(field)?.[1] ?? "";
  return { title: instrument ? `${title} ${instrument.toUpperCase()}` : title, order: `${rank(topic)} ${instrument}` };
}

function cardOf({ title, order }) {
  const count = make("span", { class: "card-note" });
  const body = make("tbody");
  const caption = make("caption", { class: "unseen" }, `${title}: signal, value and age`);
  const summary = make("summary", { class: "card-head" }, make("h2", {}, title), count);
  const element = make("details", { class: "card group", open: "" }, summary, make("table", {}, caption, body));
  return { element, body, count, order };
}

function ageOf(record, { now_ms, ages, clock }) {
  if (record.value === null) {
    return record.present_ms === null ? "none received yet" : `no value since ${clock.short(record.since_ms)}`;
  }
  const silent_ms = now_ms - record.received_ms;
  const old_s = ages?.ages_s[record.name];
  if (!Number.isFinite(old_s)) return ago(silent_ms);
  return silent_ms < 2000 ? `${duration(old_s)} old` : `${duration(old_s)} old, ${ago(silent_ms)}`;
}

/** Cards and rows, made when a reading first has them. */
function createTable(host, { entry, catalogue }) {
  const rows = new Map();
  const cards = new Map();

  function cardFor(record) {
    const group = groupOf(record);
    if (!cards.has(group.title)) {
      cards.set(group.title, cardOf(group));
      const ordered = [...cards.values()].sort((a, b) => a.order.localeCompare(b.order));
      host.replaceChildren(...ordered.map((card) => card.element));
    }
    return cards.get(group.title);
  }

  function rowFor(record) {
    if (rows.has(record.name)) return rows.get(record.name);
    // a field that this device never measures is in the reading as null, and is no news
    if (record.value === null && !entry.fields.has(record.id)) return null;
    const row = rowOf(record, catalogue);
    const card = cardFor(record);
    card.body.append(row.element);
    say(card.count, card.body.rows.length === 1 ? "1 signal" : `${card.body.rows.length} signals`);
    rows.set(record.name, row);
    return row;
  }

  return { rows, rowFor };
}

export const groups = {
  mount(host, context) {
    const grid = make("div", { class: "groups" });
    const element = make("section", { "aria-label": "All values" }, grid, make("p", { class: "card-note" }, HINT));
    host.append(element);
    const table = createTable(grid, context);
    let shown = new Map();
    let ages = null;

    return {
      update(view) {
        shown = view.fields;
        ages = view.ages;
        for (const record of shown.values()) table.rowFor(record)?.show(record);
      },
      tick(now_ms) {
        for (const [name, row] of table.rows) {
          const record = shown.get(name);
          say(row.age, record ? ageOf(record, { now_ms, ages, clock: context.clock }) : "none received yet");
        }
      },
      unmount: () => element.remove(),
    };
  },
};
