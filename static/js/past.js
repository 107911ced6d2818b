// What the stream does not carry, asked of history: the points before the first reading, and how old the values are.

import { getJson, historyPath } from "./api.js";

const AGES_EVERY_MS = 5000;

/** Points of `fields` before a moment, for the start of a chart. */
export function createPast(entry, { fields, span_ms, rows, signal, onRows }) {
  let wanted = fields.length > 0;

  async function before(at_ms) {
    if (!wanted) return;
    wanted = false;
    try {
      const path = historyPath(entry, { start_ms: at_ms - span_ms, end_ms: at_ms, fields, rows });
      const answer = await getJson(path, { signal });
      onRows(answer.data.map((row) => [Date.parse(row.timestamp), fields.map((name) => row[name])]));
    } catch (error) {
      if (error.name === "AbortError") return;
      // the next reading tries again; until then the line begins with the first one received
      wanted = error.status === 0 || error.status === 503;
    }
  }

  return {
    before,
    again() {
      wanted = fields.length > 0;
    },
  };
}

/** Now and then the newest row is read with the ages of its values; `onChange` is called when they have come. */
export function createAges(entry, { signal, onChange }) {
  let newest = null;
  let asked_ms = 0;

  async function ask(at_ms, now_ms) {
    if (document.hidden || now_ms - asked_ms < AGES_EVERY_MS) return;
    asked_ms = now_ms;
    try {
      const path = historyPath(entry, { start_ms: at_ms, end_ms: at_ms + 1, rows: 1, ages: true });
      const answer = await getJson(path, { signal });
      const ages_s = answer.data[0]?.ages_s;
      newest = ages_s ? { at_ms, ages_s } : null;
      onChange();
    } catch (error) {
      if (error.name === "AbortError") return;
      newest = null;
      // a server that does not know the parameter will not learn it
      if (error.status === 422) asked_ms = Infinity;
    }
  }

  return {
    ask,
    newest: () => newest,
    clear() {
      newest = null;
    },
  };
}
