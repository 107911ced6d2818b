// What the analytics found, as far as the plant's clock is. Fed with events, live or from history, in any order; knows
// neither clock nor page.

const KEPT = 100;

const stampOf = (event) => event.timestamp ?? event.issued_at;
const newestFirst = (a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp);

/** Tells one anomaly from another. */
export function keyOf(anomaly) {
  return [anomaly.timestamp, anomaly.topic, anomaly.cell ?? anomaly.signal, anomaly.detector].join(" ");
}

/** One alarm of all that was said of it, in any order: raised once, cleared once, acknowledged at any time. */
function joined(before, event) {
  const begins = event.state === "raised";
  const over = [before?.state, event.state].includes("cleared");
  const newest = before && (before.state === "cleared" || event.state === "acknowledged") ? before : event;
  return {
    ...newest,
    state: over ? "cleared" : "raised",
    raised: begins ? event.timestamp : (before?.raised ?? event.since),
    // what happened is told by the sentence that it was raised with
    reason: begins ? event.reason : (before?.reason ?? event.reason),
    acknowledged: event.acknowledged ?? before?.acknowledged ?? null,
  };
}

function trim(found) {
  if (found.size <= KEPT) return found;
  // what is open stays, however old
  const closed = [...found].filter(([, one]) => one.state !== "raised").sort(([, a], [, b]) => newestFirst(a, b));
  for (const [key] of closed.slice(KEPT - (found.size - closed.length))) found.delete(key);
  return found;
}

export function createFindings() {
  let anomalies = new Map();
  let alarms = new Map();
  let forecasts = new Map();
  let degradation = null;
  let known = null;

  const take = {
    anomaly(event) {
      anomalies.set(keyOf(event), event);
      trim(anomalies);
    },
    alarm(event) {
      alarms.set(event.alarm_id, joined(alarms.get(event.alarm_id), event));
      trim(alarms);
    },
    forecast(event) {
      const before = forecasts.get(event.signal);
      if (!before || stampOf(before) <= stampOf(event)) forecasts.set(event.signal, event);
    },
    degradation(event) {
      if (!degradation || stampOf(degradation) <= stampOf(event)) degradation = event;
    },
  };

  return {
    /** `name`: of the stream's event. */
    take: (name, event) => take[name]?.(event),
    /** `answer`: what `GET /analytics/{device_id}` gave. */
    know(answer) {
      known = answer;
    },
    clear() {
      [anomalies, alarms, forecasts] = [new Map(), new Map(), new Map()];
      [degradation, known] = [null, null];
    },
    /** A copy that later events do not touch: open alarms first, then the newest. `known` is null until it was read. */
    view() {
      const open = (alarm) => (alarm.state === "raised" ? 0 : 1);
      return {
        anomalies: [...anomalies.values()].sort(newestFirst),
        alarms: [...alarms.values()].sort((a, b) => open(a) - open(b) || newestFirst(a, b)),
        forecasts: [...forecasts.values()],
        degradation,
        known,
      };
    },
  };
}
