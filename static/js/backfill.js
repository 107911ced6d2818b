// Events in their order, when a stream has to say that it cannot send what was missed: the rows come from history, in
// the place where they are missing, and what the stream says meanwhile waits behind them.

import { getPage } from "./api.js";

const PAGE_ROWS = 2000;
const AGAIN_MS = [500, 1000, 2000, 5000, 10_000, 10_000, 10_000, 10_000];

const isGap = (name, data) => name === "resume" && data?.status === "gap" && Boolean(data.history);
// the server was restarted, is loading, or has too much to do
const isPassing = (error) => error.status === 0 || error.status === 429 || error.status >= 500;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function firstPage(path) {
  const url = new URL(path, location.origin);
  url.searchParams.set("batch_size", String(PAGE_ROWS));
  return url.pathname + url.search;
}

/**
 * `deliver(name, data, source)` gets every event in order; `source` is "stream" or "history". `historyOf(resume)` says
 * which address has the rows, null for none. Where they cannot be had, an event "lost" stands for them.
 */
export function createInbox({ deliver, historyOf, signal, readPage = getPage, pause = sleep }) {
  let held = null;

  async function patiently(path) {
    for (const wait_ms of AGAIN_MS) {
      try {
        return await readPage(path, { signal });
      } catch (error) {
        if (error.name === "AbortError" || !isPassing(error)) throw error;
        await pause(wait_ms);
      }
    }
    return readPage(path, { signal });
  }

  async function fill(resume) {
    const path = historyOf(resume);
    let page = path ? await patiently(firstPage(path)) : null;
    while (page) {
      for (const row of page.data) deliver("reading", { device_id: page.device_id, ...row }, "history");
      page = page.next ? await patiently(page.next) : null;
    }
  }

  /** Whoever stumbles over one event must not keep those behind it waiting. */
  function give(name, data) {
    try {
      deliver(name, data, "stream");
    } catch (error) {
      reportError(error);
    }
  }

  async function drain() {
    while (held.length > 0 && !signal.aborted) {
      const [name, data] = held.shift();
      give(name, data);
      if (!isGap(name, data)) continue;
      await fill(data).catch((error) => {
        if (!signal.aborted) give("lost", { from: data.from, to: data.to, reason: error.message });
      });
    }
    held = null;
  }

  return {
    take(name, data) {
      if (held) {
        held.push([name, data]);
      } else if (isGap(name, data)) {
        held = [[name, data]];
        drain();
      } else {
        deliver(name, data, "stream");
      }
    },
  };
}
