// What the analytics say, as a person reads it: where it is, and how the rates of ageing are written.

import { GROUPS } from "./fields.js";

const CELL = /^p(\d+)_([vt])(\d+)$/;
const MOST_DIGITS = 7;
const KINDS = { v: "", t: " temperature" };

function cellText(code) {
  const [, pack, kind, cell] = CELL.exec(code) ?? [];
  return pack ? `Cell ${pack}/${cell}${KINDS[kind]}` : null;
}

/** Where an anomaly or an alarm points: "Cell 3/17", "State of charge", a topic's title, or the name as it is. */
export function placeOf({ topic = "", signal = null, cell = null }, catalogue) {
  const field = cell ?? signal ?? topic;
  const title = GROUPS.find(([name]) => name === field)?.[1];
  if (title) return title;
  const id = field.includes(".") || !topic ? field : `${topic}.${field}`;
  return cellText(id.slice(id.indexOf(".") + 1)) ?? catalogue.describe(id).label;
}

/** "1.23 mV", with a real minus; "—" where there is none. */
export function millivolts(volts, digits = 1) {
  if (volts === null || volts === undefined) return "—";
  return (1000 * volts).toFixed(digits).replace(/^-(0(\.0+)?)$/, "$1").replace("-", "−");
}

/** A score of 0 to 1, with as many digits as tell it from 1. */
export function scoreText(score) {
  if (score === null || score === undefined) return "—";
  const digits = Math.max(3, Math.ceil(-Math.log10(1 - score)) + 1);
  return digits > MOST_DIGITS ? `over 0.${"9".repeat(MOST_DIGITS)}` : score.toFixed(digits);
}
