// Watching one device: its feed, what is known of its values, and the points of its chart. Opened and closed as one.

import { createRing } from "./charts/ring.js";
import { createPace, judge } from "./connection.js";
import { nameIn, pick } from "./devices.js";
import { FOUND, openFeed } from "./feed.js";
import { CHART } from "./fields.js";
import { createFindings } from "./findings.js";
import { createClock } from "./format.js";
import { createFound } from "./found.js";
import { createAges, createPast } from "./past.js";
import { createValues } from "./values.js";

const RING = 3600;
const NOTE_MS = 20_000;

/** How much of the past the chart shows: some 240 readings, at least half an hour, never more than the ring holds. */
function spanOf(period_s) {
  const period = period_s ?? 30;
  return 1000 * Math.min(Math.max(240 * period, 1800), RING * period);
}

function linesOf(entry) {
  const lines = CHART[entry.kind].map((line) => ({ ...line, id: pick(entry, line.fields) })).filter((line) => line.id);
  return lines.map((line) => ({ ...line, name: nameIn(entry, line.id) }));
}

/** Everything that readings leave behind, without the connection that brings them. */
function createRecord(entry, { catalogue, lines, span_ms, signal, onChange }) {
  const fields = lines.map((line) => line.name);
  const step_ms = entry.period_s === null ? null : entry.period_s * 1000;
  const values = createValues(entry, catalogue);
  const ring = createRing({ columns: lines.length, step_ms, capacity: RING });
  const pace = createPace();
  const ages = createAges(entry, { signal, onChange });
  const past = createPast(entry, {
    fields,
    span_ms,
    rows: RING,
    signal,
    onRows: (rows) => (ring.prepend(rows), onChange()),
  });
  const findings = createFindings();
  const found = createFound(entry, {
    signal,
    onEvent: (name, event) => (findings.take(name, event), onChange()),
    onStanding: (standing) => (findings.know(standing), onChange()),
  });
  const clock = createClock(entry.timezone);
  const told = { heard_ms: null, count: 0, note: "", noted_ms: 0 };

  return {
    told,
    pace,
    clock,
    breakLine: ring.breakLine,
    find: findings.take,
    findAgain: found.again,
    /** A reading that came too late to be anything but a point of the chart. */
    fill(reading) {
      ring.push(
        Date.parse(reading.timestamp),
        fields.map((name) => reading[name]),
      );
      onChange();
    },
    at_ms: () => values.view().newest?.at_ms ?? null,
    say(note) {
      Object.assign(told, { note, noted_ms: Date.now() });
    },
    take(reading) {
      const now_ms = Date.now();
      if (now_ms - told.noted_ms > NOTE_MS) told.note = "";
      const at_ms = Date.parse(reading.timestamp);
      values.take(reading, now_ms);
      ring.push(
        at_ms,
        fields.map((name) => reading[name]),
        reading.merged,
      );
      told.heard_ms = now_ms;
      told.count += 1;
      past.before(at_ms);
      found.before(at_ms, now_ms);
      ages.ask(at_ms, now_ms);
      onChange();
    },
    /** Time begins anew: nothing that was known holds. */
    restart() {
      for (const part of [values, ring, pace, ages, findings]) part.clear();
      past.again();
      found.again();
      onChange();
    },
    view: () => ({
      ...values.view(),
      ages: ages.newest(),
      note: told.note,
      points: ring.data(span_ms),
      findings: findings.view(),
    }),
  };
}

function spanText({ from, to }, clock) {
  return `${clock.local(Date.parse(from))} to ${clock.local(Date.parse(to))}`;
}

function silence(gap, clock) {
  if (!gap?.from) return "the source was silent for a while";
  if (!gap.to) return `the source has been silent since ${clock.local(Date.parse(gap.from))}`;
  return `the source was silent from ${spanText(gap, clock)}`;
}

/** Of the rows that a stream left out, those that the chart has room for; null where there is no chart. */
function chartsPart(resume, { lines, span_ms }) {
  if (lines.length === 0) return null;
  const url = new URL(resume.history, location.origin);
  const oldest_ms = Date.parse(resume.to) - span_ms;
  if (oldest_ms > Date.parse(resume.from)) url.searchParams.set("start", new Date(oldest_ms).toISOString());
  url.searchParams.set("fields", lines.map((line) => line.name).join(","));
  return url.pathname + url.search;
}

/** What each event of the stream does to the record. */
function reactions(record, entry) {
  return {
    reading(reading, source) {
      if (source === "history") return record.fill(reading);
      record.pace.note(Date.now());
      record.take(reading);
    },
    snapshot(snapshot) {
      const topics = snapshot?.[entry.device_id]?.topics ?? {};
      for (const reading of Object.values(topics).filter(Boolean)) {
        // another server, or another life of this one: its moment is the one that counts
        if (Date.parse(reading.timestamp) < record.at_ms()) record.restart();
        record.take(reading);
      }
      for (const [name, event] of Object.entries(snapshot?.[entry.device_id]?.analytics ?? {})) record.find(name, event);
    },
    ...Object.fromEntries(FOUND.map((name) => [name, (event) => record.find(name, event)])),
    resume(resume) {
      if (resume?.status === "reset") record.restart();
      // what was found in a gap comes from history, too
      if (resume?.status === "gap") record.findAgain();
    },
    lost(lost) {
      record.say(`readings from ${spanText(lost, record.clock)} could not be fetched`);
      record.breakLine();
    },
    gap(gap) {
      record.say(silence(gap, record.clock));
      record.breakLine();
    },
    reset() {
      record.say("the replay began again");
      record.restart();
    },
  };
}

export function openSession(entry, catalogue, onChange) {
  const abort = new AbortController();
  const lines = linesOf(entry);
  const span_ms = spanOf(entry.period_s);
  const record = createRecord(entry, { catalogue, lines, span_ms, signal: abort.signal, onChange });
  const react = reactions(record, entry);
  let link = null;

  const feed = openFeed(entry.path, {
    onLink(next) {
      // an outage says nothing about how often readings come
      if (next.phase !== "open") record.pace.clear();
      link = next;
      onChange();
    },
    historyOf: (resume) => chartsPart(resume, { lines, span_ms }),
    onEvent(name, data, source) {
      react[name]?.(data, source);
      onChange();
    },
  });

  return {
    entry,
    lines,
    span_ms,
    clock: record.clock,
    /** `find(name, event)`: take in what a panel has found out itself. */
    find(name, event) {
      record.find(name, event);
      onChange();
    },
    count: () => record.told.count,
    /** Everything that the panels show, not touched by what comes later. */
    view: record.view,
    verdict: (now_ms) => judge({ link, heard_ms: record.told.heard_ms, expected_s: record.pace.expected_s(), now_ms }),
    close() {
      abort.abort();
      feed.close();
    },
  };
}
