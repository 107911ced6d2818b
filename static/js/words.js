// What the analytics say, as a person reads it: where it is, and how the rates of ageing are written.

const CELL = /^p(\d+)_([vt])(\d+)$/;
const KINDS = { v: "", t: " temperature" };

function cellText(code) {
  const [, pack, kind, cell] = CELL.exec(code) ?? [];
  return pack ? `Cell ${pack}/${cell}${KINDS[kind]}` : null;
}

/** Where an anomaly, an alarm or the name of a cell points: "Cell 3/17", "State of charge", or the name as it is. */
export function placeOf({ topic = "", signal = null, cell = null }, catalogue) {
  const field = cell ?? signal ?? topic;
  const id = field.includes(".") || !topic ? field : `${topic}.${field}`;
  return cellText(id.slice(id.indexOf(".") + 1)) ?? catalogue.describe(id).label;
}

/** "1.23 mV", with a real minus; "—" where there is none. */
export function millivolts(volts, digits = 1) {
  if (volts === null || volts === undefined) return "—";
  return (1000 * volts).toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1").replace("-", "−");
}

/** A score of 0 to 1: what matters is how near it is to 1. */
export function scoreText(score) {
  if (score === null || score === undefined) return "—";
  return score >= 0.9999 ? "> 0.9999" : score.toFixed(4);
}
