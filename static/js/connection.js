// What to say about the connection. Pure: it is told the times.

import { duration, wallTime } from "./format.js";

const LEAST_SILENCE_S = 15;
const REMEMBERED = 12;

/** How often readings come, learnt from those that came. */
export function createPace() {
  let arrivals = [];
  return {
    note(now_ms) {
      arrivals = [...arrivals, now_ms].slice(-REMEMBERED);
    },
    clear() {
      arrivals = [];
    },
    /** Seconds between readings, the median of the last ones; null before the second. */
    expected_s() {
      const steps = arrivals.slice(1).map((at, index) => (at - arrivals[index]) / 1000);
      if (steps.length === 0) return null;
      return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)];
    },
  };
}

/** Seconds of silence on an open connection after which its values are called stale. */
export function silenceAllowed_s(expected_s) {
  return Math.max(LEAST_SILENCE_S, 5 * (expected_s ?? 1));
}

function paceText(expected_s) {
  if (expected_s === null) return "receiving readings";
  if (expected_s < 0.95) return `${Math.round(1 / expected_s)} readings a second`;
  return `a reading every ${expected_s < 1.5 ? "second" : `${Math.round(expected_s)} seconds`}`;
}

function reconnecting(link, now_ms) {
  const why = link.leaving ? "the server said goodbye" : "connection lost";
  return {
    state: "reconnecting",
    label: "Reconnecting",
    detail: `${why} ${duration((now_ms - link.since_ms) / 1000)} ago, values are the last received`,
  };
}

/**
 * `link`: of the feed; `heard_ms`: when the last reading of any connection came, or null; `expected_s`: of the pace.
 * Gives `{state, label, detail}`.
 */
export function judge({ link, heard_ms, expected_s, now_ms }) {
  if (link.phase === "ended") return { state: "ended", label: "Ended", detail: "the server closed this stream" };
  if (link.phase === "reconnecting") return reconnecting(link, now_ms);
  if (link.phase === "connecting") return { state: "connecting", label: "Connecting", detail: "opening the stream" };
  const last_ms = Math.max(link.since_ms, heard_ms ?? 0);
  const silent_s = (now_ms - last_ms) / 1000;
  if (silent_s > silenceAllowed_s(expected_s)) {
    const detail = `connected, but no reading for ${duration(silent_s)}, since ${wallTime(last_ms)} on this computer`;
    return { state: "stale", label: "Stale", detail };
  }
  if (heard_ms === null || heard_ms < link.since_ms) {
    return { state: "connecting", label: "Connecting", detail: "connected, waiting for the first reading" };
  }
  return { state: "live", label: "Live", detail: paceText(expected_s) };
}

/** The same while the display is held. The stream goes on behind it, and its state is told too. */
export function judgePaused(verdict, waiting) {
  const newer = waiting === 1 ? "1 newer reading waits" : `${waiting} newer readings wait`;
  const detail = `display held; ${newer}; stream is ${verdict.label.toLowerCase()}`;
  return { state: "paused", label: "Paused", detail };
}
