// Numbers, ages and times as a person reads them. Units are appended by hand: Intl knows no volt, ampere or kilowatt.

export const MISSING = "—";

const DIGITS = {
  "%": [0, 1],
  V: [1, 1],
  A: [1, 1],
  kW: [1, 1],
  kvar: [1, 1],
  Hz: [2, 2],
  kWh: [1, 1],
  bar: [2, 2],
  "°C": [1, 1],
};
const formats = new Map();

function numberFormat(least, most) {
  const key = `${least}:${most}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat("en", { minimumFractionDigits: least, maximumFractionDigits: most }));
  }
  return formats.get(key);
}

function digitsOf(signal) {
  if (signal.kind === "flag") return [0, 0];
  // a single cell is read to the millivolt
  if (signal.unit === "V" && signal.valid[1] !== null && signal.valid[1] <= 10) return [3, 3];
  return DIGITS[signal.unit] ?? [0, 3];
}

/** The bare number, "—" where there is none. */
export function number(signal, value) {
  if (value === null || value === undefined) return MISSING;
  const [least, most] = digitsOf(signal);
  const text = numberFormat(least, most).format(value);
  // rounding leaves "-0.0", which is no number anybody measures
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

export function withUnit(signal, value) {
  const text = number(signal, value);
  return text === MISSING || !signal.unit ? text : `${text} ${signal.unit}`;
}

export function rangeText(signal) {
  const [low, high] = signal.valid;
  if (low === null) return `at most ${withUnit(signal, high)}`;
  if (high === null) return `at least ${withUnit(signal, low)}`;
  return `${number(signal, low)} to ${withUnit(signal, high)}`;
}

/** "7 s", "3 min", "2 h 5 min", "4 d". */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.floor(whole / 60)} min`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours < 48) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

/** How long ago something came, calm while readings come each second. */
export function ago(ms) {
  return ms < 2000 ? "received just now" : `received ${duration(ms / 1000)} ago`;
}

function clockFormat(timeZone, withDate) {
  const date = withDate ? { year: "numeric", month: "2-digit", day: "2-digit" } : {};
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  // Swedish writes a date as ISO 8601 does
  return new Intl.DateTimeFormat("sv-SE", { timeZone, ...date, ...time });
}

function isZone(timeZone) {
  if (!timeZone) return false;
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone }));
  } catch {
    return false;
  }
}

/** Times of one device: in UTC, and in its own zone where it has one that this browser knows. */
export function createClock(timeZone) {
  const zone = isZone(timeZone) ? timeZone : "UTC";
  const utc = clockFormat("UTC", true);
  const local = clockFormat(zone, true);
  const short = clockFormat(zone, false);
  return {
    zone,
    utc: (ms) => utc.format(ms),
    local: (ms) => local.format(ms),
    short: (ms) => short.format(ms),
  };
}

/** Time of day on this computer. */
export function wallTime(ms) {
  return clockFormat(undefined, false).format(ms);
}
