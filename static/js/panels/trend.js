// The live chart: state of charge and power of the last hours of plant time.

import { flowOf } from "../catalogue.js";
import { mountLines } from "../charts/lines.js";
import { make, say } from "../dom.js";
import { duration, withUnit } from "../format.js";

function titleOf(lines) {
  const [first, ...rest] = lines.map((line) => line.title);
  return [first, ...rest.map((title) => title.toLowerCase())].join(" and ");
}

function legendItem(line) {
  const value = make("span", { class: "legend-value" });
  const element = make(
    "li",
    { class: `legend-item legend-${line.side}` },
    make("span", { class: "swatch", "aria-hidden": "true" }),
    `${line.title} `,
    value,
  );
  return { element, value };
}

/** The last point that is not a break. */
function newestIndex(points) {
  return points[0].findLastIndex((_at, index) => points.slice(1).some((lane) => lane[index] !== null));
}

function emptyPanel(host) {
  const text = "This device measures neither state of charge nor power, so there is nothing to draw.";
  const element = make("section", { class: "card trend", "aria-label": "Chart" }, make("p", { class: "empty" }, text));
  host.append(element);
  return { update() {}, tick() {}, unmount: () => element.remove() };
}

export const trend = {
  mount(host, { catalogue, clock, lines: plain, span_ms }) {
    if (plain.length === 0) return emptyPanel(host);
    const signals = plain.map((line) => catalogue.describe(line.id));
    const lines = plain.map((line, index) => ({ ...line, unit: signals[index].unit }));
    const items = lines.map(legendItem);
    const at = make("span", { class: "legend-at" });
    const canvas = make("div", { class: "canvas", tabindex: "0", role: "group", "aria-roledescription": "chart" });
    const head = make(
      "header",
      { class: "card-head" },
      make("h2", {}, titleOf(lines)),
      make("p", { class: "card-note" }, `up to ${duration(span_ms / 1000)} of plant time, ${clock.zone}`),
    );
    const legend = make(
      "ul",
      { class: "legend" },
      ...items.map((item) => item.element),
      make("li", { class: "legend-item" }, at),
    );
    const element = make("section", { class: "card trend", "aria-label": titleOf(lines) }, head, legend, canvas);
    host.append(element);
    let points = [[], ...lines.map(() => [])];
    let most = [];
    let picked = null;

    function read() {
      const index = picked ?? newestIndex(points);
      items.forEach((item, lane) => say(item.value, valueText(signals[lane], points[lane + 1][index] ?? null, most[lane])));
      const at_s = points[0][index];
      say(at, at_s === undefined ? "" : `at ${clock.short(at_s * 1000)}`);
      const values = lines.map((line, lane) => `${line.title} ${items[lane].value.textContent}`).join(", ");
      canvas.setAttribute("aria-label", `Chart. ${values} ${at.textContent}. Arrow keys move through the points.`);
    }

    const chart = mountLines(canvas, { lines, clock, span_ms, onCursor: (index) => ((picked = index), read()) });

    return {
      update(view) {
        points = view.points;
        most = lines.map((line) => view.fields.get(line.name)?.most);
        chart.show(points);
        read();
      },
      tick() {},
      unmount() {
        chart.unmount();
        element.remove();
      },
    };
  },
};

function valueText(signal, value, most) {
  const flow = flowOf(signal, value, most);
  return flow ? `${withUnit(signal, value)}, ${flow}` : withUnit(signal, value);
}
