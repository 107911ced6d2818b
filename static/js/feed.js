// One event stream that does not give up. The browser reconnects by itself after a broken connection and sends the last
// id; where it gave up for good (any status but 200), this does, with the id in the address.

const BACKOFF_MS = [1000, 2000, 5000, 10000, 20000, 30000];
const NAMED = ["snapshot", "resume", "gap", "reset", "end", "bye"];

function addressOf(path, lastId) {
  const query = new URLSearchParams({ interval: "1" });
  if (lastId) query.set("last_event_id", lastId);
  return `${path}/stream?${query}`;
}

/**
 * `handlers.onLink(link)` hears of the connection: phase "connecting", "open", "reconnecting" or "ended", since when,
 * and how many attempts. `handlers.onEvent(name, data)` hears of events; a reading's name is "reading".
 */
export function openFeed(path, { onLink, onEvent }) {
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
    onEvent(name, JSON.parse(event.data || "null"));
  }

  function finish() {
    close();
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
    source = new EventSource(addressOf(path, lastId));
    source.onopen = opened;
    source.onerror = failed;
    source.onmessage = (event) => hear("reading", event);
    for (const name of NAMED) source.addEventListener(name, (event) => hear(name, event));
  }

  function close() {
    clearTimeout(timer);
    source.close();
  }

  onLink(link);
  connect();
  return { close };
}
