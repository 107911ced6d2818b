// The catalogue of signals as the server gives it: names, units, signs and ranges come from here only.

const FLOWS = {
  "discharge positive": { positive: "discharging", negative: "charging", zero: "idle", standsBy: true },
  "import positive": { positive: "importing", negative: "exporting", zero: "idle" },
};

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `answer`: what `GET /signals` gave. */
export function createCatalogue(answer) {
  const rows = Array.isArray(answer) ? answer : answer.signals;
  const signals = new Map(rows.map((row) => [`${row.topic}.${row.field}`, row]));
  const topics = [...new Set(rows.map((row) => row.topic))];

  /** Topic and field of a name in a reading; on the joint timeline names carry their topic in front. */
  function split(name, topic) {
    if (topic) return { topic, field: name };
    const found = topics.find((one) => name.startsWith(`${one}_`));
    return found ? { topic: found, field: name.slice(found.length + 1) } : { topic: "other", field: name };
  }

  function describe(id) {
    const row = signals.get(id);
    const field = id.slice(id.indexOf(".") + 1);
    if (!row) return { id, field, label: field, unit: "", flow: null, valid: [null, null], kind: "measure", note: "" };
    return {
      id,
      field,
      // what follows a semicolon is for the reader of the catalogue
      label: sentence(row.description.split(";")[0]),
      unit: row.symbol ?? row.unit,
      flow: FLOWS[row.sign] ?? null,
      valid: row.valid ?? [null, null],
      kind: row.kind ?? "measure",
      note: row.sign ?? "",
    };
  }

  return { split, describe };
}

/** Up to here a battery stands by: a two-hundredth of the most that was seen of it, one unit where that is not known. */
function standby(signal, most) {
  // what reads as 0.0 is called idle
  if (!signal.flow.standsBy) return 0.05;
  return most > 1 ? Math.max(0.05, most / 200) : 1;
}

/**
 * In words which way a signed value flows, or "" where the signal has no direction or no value. `most`: the largest
 * amount that was seen of it.
 */
export function flowOf(signal, value, most = 0) {
  // a register of energy has a sign but flows nowhere
  if (!signal.flow || signal.kind !== "measure" || value === null || value === undefined) return "";
  if (Math.abs(value) < standby(signal, most)) return signal.flow.zero;
  return value > 0 ? signal.flow.positive : signal.flow.negative;
}

/** Whether a value lies outside the plausible range. It is shown all the same. */
export function isImplausible(signal, value) {
  if (value === null || value === undefined) return false;
  const [low, high] = signal.valid;
  return (low !== null && value < low) || (high !== null && value > high);
}
