// What is expected of the next day, over what was: a chart a signal, with its band, its method, and how well it held.

import { getJson } from "../api.js";
import { mountBand } from "../charts/band.js";
import { make, say } from "../dom.js";
import { number, withUnit } from "../format.js";

const PAST_MS = 24 * 3_600_000;
const RESOLUTIONS = { 900: "15min", 3600: "1h" };

/** Means of the steps before the forecast: none of what comes after it, however far the store goes. */
async function pastOf(device_id, { signal, issued_at, step_s }, abort) {
  const end_ms = Date.parse(issued_at);
  const query = new URLSearchParams({
    device_id,
    signals: signal,
    start: new Date(end_ms - PAST_MS).toISOString(),
    end: new Date(end_ms).toISOString(),
    resolution: RESOLUTIONS[step_s] ?? "auto",
  });
  const { series } = await getJson(`/series?${query}`, { signal: abort });
  return series[0] ?? { t: [], v: [] };
}

/** Columns for the chart: times in seconds, then what was, and the lower end, the middle and the upper end. */
function columnsOf(past, { horizon }) {
  const nothing = past.t.map(() => null);
  const seconds = (stamp) => Date.parse(stamp) / 1000;
  return [
    [...past.t.map(seconds), ...horizon.map((step) => seconds(step.timestamp))],
    [...past.v, ...horizon.map(() => null)],
    ...["lower", "median", "upper"].map((part) => [...nothing, ...horizon.map((step) => step[part])]),
  ];
}

function coverageText({ level, coverage_observed: covered, coverage_points: points }) {
  const band = `${Math.round(100 * level)} % band`;
  if (covered === null || covered === undefined) return `${band}, not held against what came yet`;
  const of = points ? ` of ${points.toLocaleString("en")} points` : "";
  return `${band}, covered ${covered.toFixed(2)}${of}`;
}

function summaryOf(forecast, signal, clock) {
  const steps = forecast.horizon.filter((step) => step.median !== null);
  if (steps.length === 0) return "nothing can be said of the next day";
  const least = steps.reduce((a, b) => (b.median < a.median ? b : a));
  const most = steps.reduce((a, b) => (b.median > a.median ? b : a));
  const told = (step) => `${withUnit(signal, step.median)} at ${clock.short(Date.parse(step.timestamp)).slice(0, 5)}`;
  return `expected: lowest ${told(least)}, highest ${told(most)}`;
}

function pointText(columns, index, signal, clock) {
  const [at_s, was, lower, median, upper] = columns.map((column) => column[index] ?? null);
  const at = clock.local(at_s * 1000).slice(0, 16);
  if (median === null) return `${at}: was ${withUnit(signal, was)}`;
  return `${at}: ${withUnit(signal, median)} expected, ${number(signal, lower)} to ${withUnit(signal, upper)}`;
}

function chartOf(id, { entry, catalogue, clock }) {
  const signal = catalogue.describe(id);
  const note = make("p", { class: "card-note" });
  const told = make("p", { class: "forecast-told" });
  const canvas = make("div", { class: "canvas", tabindex: "0", role: "group", "aria-roledescription": "chart" });
  const element = make("article", { class: "forecast" }, make("h3", {}, signal.label), note, told, canvas);
  const abort = new AbortController();
  let forecast = null;
  let columns = [[]];
  let picked = null;

  function read() {
    const summary = summaryOf(forecast, signal, clock);
    say(told, picked === null ? summary : pointText(columns, picked, signal, clock));
    canvas.setAttribute("aria-label", `Forecast of ${signal.label}. ${told.textContent}. Arrow keys move through it.`);
  }

  const range = signal.unit === "%" ? [0, 100] : undefined;
  const line = { unit: signal.unit, range };
  let chart = null;

  async function take(next) {
    forecast = next;
    const issued = clock.local(Date.parse(next.issued_at)).slice(0, 16);
    say(note, `as of ${issued}; ${next.method}; ${coverageText(next)}`);
    const past = await pastOf(entry.device_id, next, abort.signal).catch(() => ({ t: [], v: [] }));
    if (forecast !== next || abort.signal.aborted) return;
    columns = columnsOf(past, next);
    // a place that is not in the page yet has no size
    chart ??= mountBand(canvas, { line, clock, onCursor: (index) => ((picked = index), read()) });
    chart.show(columns);
    read();
  }

  return {
    element,
    show(next) {
      if (forecast === null || next.issued_at !== forecast.issued_at) take(next);
    },
    unmount() {
      abort.abort();
      chart?.unmount();
    },
  };
}

/** In words why there is none: what each signal still waits for, as far as is known. */
function nothingText(standing, catalogue) {
  const begin = "No forecast yet";
  const state = standing?.states.forecast;
  if (!state) return `${begin}${standing?.evidence ? `: ${standing.evidence}` : ""}.`;
  const signals = Object.entries(state.signals ?? {});
  if (signals.length === 0) return `No forecast (${state.status}).`;
  // the analytics may be ahead of the plant's clock: what they know already was not known at the time shown
  const waits = ({ status }) => (status === "forecasting" ? "its first one comes later in this history" : status);
  return `${begin}. ${signals.map(([id, one]) => `${catalogue.describe(id).label}: ${waits(one)}`).join("; ")}.`;
}

export const forecast = {
  mount(host, context) {
    const none = make("p", { class: "empty" });
    const grid = make("div", { class: "forecasts" });
    const head = make("header", { class: "card-head" }, make("h2", {}, "Forecast of the next 24 hours"));
    const element = make("section", { class: "card padded", "aria-label": "Forecast" }, head, none, grid);
    host.append(element);
    const charts = new Map();

    function chartFor(id) {
      if (!charts.has(id)) {
        charts.set(id, chartOf(id, context));
        grid.append(charts.get(id).element);
      }
      return charts.get(id);
    }

    return {
      update({ findings }) {
        none.hidden = findings.forecasts.length > 0;
        say(none, nothingText(findings.known, context.catalogue));
        for (const [id, chart] of charts) {
          if (findings.forecasts.some((one) => one.signal === id)) continue;
          chart.unmount();
          chart.element.remove();
          charts.delete(id);
        }
        for (const one of findings.forecasts) chartFor(one.signal).show(one);
      },
      tick() {},
      unmount() {
        for (const chart of charts.values()) chart.unmount();
        element.remove();
      },
    };
  },
};
