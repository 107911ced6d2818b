// How the battery ages: its health, what went through it, and the cells that differ most from their pack.

import { make, say } from "../dom.js";
import { MISSING } from "../format.js";
import { millivolts, placeOf } from "../words.js";

const FACTS = [
  ["health", "State of health, by the BMS", (one) => percent(one.soh.bms)],
  ["measured", "State of health, measured", (one) => percent(one.soh.measured)],
  ["cycles", "Equivalent full cycles", (one) => amount(one.equivalent_full_cycles)],
  ["trend", "Median cell at the end of charge", (one) => trendText(one.slope_v_per_year)],
];
const WANTING = "No end of a charge was seen yet: the cells are compared there alone.";

function percent(value) {
  return value === null || value === undefined ? MISSING : `${value.toFixed(1)} %`;
}

function amount(value) {
  return value === null || value === undefined ? MISSING : value.toFixed(1);
}

function trendText({ median, lower, upper }) {
  if (median === null) return MISSING;
  return `${millivolts(median)} mV a year (${millivolts(lower)} to ${millivolts(upper)})`;
}

function factsOf() {
  const values = new Map(FACTS.map(([name]) => [name, make("dd")]));
  const items = FACTS.map(([name, title]) => make("div", { class: "fact" }, make("dt", {}, title), values.get(name)));
  return { element: make("dl", { class: "facts" }, ...items), values };
}

function headOf(...titles) {
  return make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", { scope: "col" }, title))));
}

function rowOf({ rank, cell, slope, lower, upper }, catalogue) {
  const sure = slope === null ? MISSING : `${millivolts(lower)} to ${millivolts(upper)}`;
  const cells = [millivolts(slope), sure].map((text) => make("td", {}, text));
  const place = make("th", { scope: "row" }, placeOf({ cell }, catalogue));
  return make("tr", {}, make("td", { class: "worst-rank" }, String(rank)), place, ...cells);
}

export const degradation = {
  mount(host, { entry, catalogue, clock }) {
    if (entry.kind !== "bess") return { update() {}, tick() {}, unmount() {} };
    const note = make("p", { class: "card-note" });
    const facts = factsOf();
    const body = make("tbody");
    const caption = make("caption", {}, "The five cells that differ most from their pack");
    const columns = headOf("Rank", "Cell", "mV a year", "95 % interval");
    const table = make("table", { class: "worst" }, caption, columns, body);
    const evidence = make("p", { class: "evidence" });
    const head = make("header", { class: "card-head" }, make("h2", {}, "Ageing"), note);
    const split = make("div", { class: "ageing" }, facts.element, table);
    const element = make("section", { class: "card padded", "aria-label": "Ageing" }, head, split, evidence);
    host.append(element);
    let shown = null;

    function show(one) {
      say(note, one ? `as of ${clock.local(Date.parse(one.timestamp)).slice(0, 16)}` : "");
      split.hidden = !one;
      table.hidden = !one || one.worst.length === 0;
      body.replaceChildren(...(one?.worst ?? []).map((each) => rowOf(each, catalogue)));
      for (const [name, , text] of FACTS) say(facts.values.get(name), one ? text(one) : MISSING);
      const health = one?.soh.measured === null && one.soh.evidence ? ` Measured health: ${one.soh.evidence}.` : "";
      say(evidence, one ? `${one.evidence}${health}` : WANTING);
    }

    show(null);
    return {
      update({ findings, newest: reading }) {
        const standing = findings.known?.states.degradation;
        // what the analytics know may lie ahead of the plant's clock
        const isPast = Date.parse(standing?.timestamp) <= reading?.at_ms;
        const newest = findings.degradation ?? (isPast ? standing : null);
        if (newest === shown) return;
        shown = newest;
        show(newest);
      },
      tick() {},
      unmount: () => element.remove(),
    };
  },
};
