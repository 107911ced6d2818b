// One event stream that does not give up. The browser reconnects by itself after a broken connection and sends the last
// id; where it gave up for good (any status but 200), this does, with the id in the address. What the stream cannot send
// again comes from history.

import { createInbox } from "./backfill.js";

const BACKOFF_MS = [1000, 2000, 5000, 10000, 20000, 30000];
export const FOUND = ["anomaly", "alarm", "forecast", "degradation"];
const NAMED = ["snapshot", "resume", "gap", "reset", "end", "bye", ...FOUND];

function addressOf(path, query, lastId) {
  const whole = new URLSearchParams(query);
  if (lastId) whole.set("last_event_id", lastId);
  return `${path}/stream?${whole}`;
}

/**
 * `handlers.onLink(link)` hears of the connection: phase "connecting", "open", "reconnecting" or "ended", since when,
 * and how many attempts. `handlers.onEvent(name, data, source)` hears of events, in order; a reading's name is "reading",
 * and its source "history" where the stream had to leave it out. `historyOf(resume)` may narrow the address of those, or
 * refuse them with null; where they cannot be had, `lost` says so. `query`: parameters of the stream.
 */
export function openFeed(path, { onLink, onEvent, historyOf = (resume) => resume.history, query = { interval: "1" } }) {
  const abort = new AbortController();
  const inbox = createInbox({ deliver: onEvent, historyOf, signal: abort.signal });
  let source = null;
  let timer = null;
  let lastId = "";
  let link = { phase: "connecting", since_ms: Date.now(), attempts: 0, leaving: false };

  function become(phase, attempts) {
    const since_ms = link.phase === phase ? link.since_ms : Date.now();
    link = { ...link, phase, attempts, since_ms };
    onLink(link);
  }

  function hear(name, event) {
    if (event.lastEventId) lastId = event.lastEventId;
    if (name === "bye") link = { ...link, leaving: true };
    if (name === "end") return finish();
    inbox.take(name, JSON.parse(event.data || "null"));
  }

  function finish() {
    hangUp();
    become("ended", 0);
  }

  function opened() {
    link = { ...link, leaving: false };
    become("open", 0);
  }

  function failed() {
    const attempts = link.attempts + 1;
    become("reconnecting", attempts);
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    const wait_ms = BACKOFF_MS[Math.min(attempts, BACKOFF_MS.length) - 1];
    // spread, so that a server that comes back is not met by all at once
    timer = setTimeout(connect, wait_ms * (0.75 + Math.random() / 2));
  }

  function connect() {
    source = new EventSource(addressOf(path, query, lastId));
    source.onopen = opened;
    source.onerror = failed;
    source.onmessage = (event) => hear("reading", event);
    for (const name of NAMED) source.addEventListener(name, (event) => hear(name, event));
  }

  function hangUp() {
    clearTimeout(timer);
    source.close();
  }

  onLink(link);
  connect();
  return {
    close() {
      abort.abort();
      hangUp();
    },
  };
}
