// What the analytics found before the page was there, asked of history: up to the plant's own time, for a clock that
// walks through the past must not show what lies ahead of it.

import { getJson } from "./api.js";

const STANDING_EVERY_MS = 20_000;
const FAR_MS = Date.UTC(9999, 0);
/** Resource, name of its events, and how many of the newest: a forecast a signal, and of the others a screenful. */
const RESOURCES = [
  ["alarms", "alarm", 60],
  ["anomalies", "anomaly", 40],
  ["forecasts", "forecast", 4],
  ["degradation", "degradation", 1],
];

async function newestOf(path, { end, rows, signal }) {
  const { total_records: total } = await getJson(`${path}?end=${end}&batch_size=1`, { signal });
  if (!total) return [];
  const page = await getJson(`${path}?end=${end}&batch_size=${rows}&skip=${Math.max(0, total - rows)}`, { signal });
  return page.data;
}

/** Where the analytics are not ahead of the plant, an alarm that time alone has raised may stand behind all readings. */
function endOf(name, at_ms, { analysed_until }) {
  const isLive = name === "alarm" && Date.parse(analysed_until) <= at_ms;
  // the range is half open
  return isLive ? FAR_MS : at_ms + 1;
}

/** `onEvent(name, event)` gets each; `onStanding(answer)` what `GET /analytics/{device_id}` gives, now and then. */
export function createFound(entry, { signal, onEvent, onStanding }) {
  const path = `/analytics/${encodeURIComponent(entry.device_id)}`;
  let wanted = true;
  let asked_ms = -Infinity;
  // answers of before a reset are nobody's
  let lap = 0;

  async function askEvents(at_ms, mine) {
    const standing = await askStanding();
    for (const [resource, name, rows] of RESOURCES) {
      const end = encodeURIComponent(new Date(endOf(name, at_ms, standing)).toISOString());
      const events = await newestOf(`${path}/${resource}`, { end, rows, signal });
      if (mine === lap) for (const event of events) onEvent(name, event);
    }
    const { alarms } = await getJson("/alarms", { signal });
    const end_ms = endOf("alarm", at_ms, standing);
    const due = alarms.filter((one) => one.device_id === entry.device_id && Date.parse(one.timestamp) < end_ms);
    if (mine === lap) for (const alarm of due) onEvent("alarm", alarm);
  }

  async function askStanding() {
    const standing = await getJson(path, { signal });
    onStanding(standing);
    return standing;
  }

  /** Tells whether it is to be tried again. */
  async function fails(asking) {
    try {
      await asking;
      return false;
    } catch (error) {
      return error.name !== "AbortError" && (error.status === 0 || error.status === 503);
    }
  }

  return {
    /** With each reading; what the stream brings meanwhile is shown. */
    async before(at_ms, now_ms) {
      if (!document.hidden && now_ms - asked_ms > STANDING_EVERY_MS) {
        asked_ms = now_ms;
        fails(askStanding());
      }
      if (!wanted) return;
      wanted = false;
      if (await fails(askEvents(at_ms, lap))) wanted = true;
    },
    again() {
      wanted = true;
      asked_ms = -Infinity;
      lap += 1;
    },
  };
}
