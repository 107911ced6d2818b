// What is known of each field now: its value, and since when. Fed with readings and times; knows neither clock nor page.

// numbers of a reading that are no field
const ABOUT = new Set(["merged"]);

export function createValues(entry, catalogue) {
  const fields = new Map();
  let newest = null;

  function note(name, value, { at_ms, now_ms }) {
    const before = fields.get(name);
    const { topic, field } = before ?? catalogue.split(name, entry.topic);
    const present = value !== null && value !== undefined;
    const same = before && before.value === value;
    fields.set(name, {
      name,
      topic,
      field,
      id: `${topic}.${field}`,
      value: present ? value : null,
      most: Math.max(before?.most ?? 0, present ? Math.abs(value) : 0),
      received_ms: present ? now_ms : (before?.received_ms ?? null),
      // in plant time: since when the value stands as it is, and when there last was one
      since_ms: same ? before.since_ms : at_ms,
      present_ms: present ? at_ms : (before?.present_ms ?? null),
    });
  }

  return {
    /** `reading`: one object of the stream; `now_ms`: this computer's time. */
    take(reading, now_ms) {
      const at_ms = Date.parse(reading.timestamp);
      for (const [name, value] of Object.entries(reading)) {
        if (ABOUT.has(name)) continue;
        if (typeof value === "number" || value === null) note(name, value, { at_ms, now_ms });
      }
      newest = { at_ms, received_ms: now_ms, merged: reading.merged ?? null };
    },
    clear() {
      fields.clear();
      newest = null;
    },
    /** A copy that later readings do not touch. */
    view() {
      return { newest, fields: new Map(fields) };
    },
  };
}
