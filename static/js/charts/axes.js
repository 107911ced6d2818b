// What every chart over time shares: its colours, its font and its axes.

const MINUTE = 60;
const AXIS_STEPS_S = [1, 5, 10, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, 3600, 2 * 3600, 6 * 3600, 12 * 3600, 86400];

/** The font of a chart's words, and how large it is. */
export function fontOf() {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return { rem, font: `${Math.round(rem * 0.75)}px system-ui, sans-serif` };
}

export function palette(host) {
  const style = getComputedStyle(host);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read("--text-soft"),
    grid: read("--rule"),
    left: read("--line-left"),
    right: read("--line-right"),
    wash: read("--line-left-wash"),
    rightWash: read("--line-right-wash"),
  };
}

/** Zero stays in sight, and the line has air above and below. */
export function aroundZero(_chart, low, high) {
  const [least, most] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  const air = (most - least || 1) * 0.1;
  return [least < 0 ? least - air : 0, most > 0 ? most + air : 0];
}

export function timeAxis(colours, clock, { font, rem }) {
  return {
    stroke: colours.text,
    font,
    grid: { stroke: colours.grid, width: 1 },
    size: rem * 2.2,
    ticks: { show: false },
    incrs: AXIS_STEPS_S,
    space: rem * 5.5,
    values: (_chart, splits, _axis, _space, step) =>
      splits.map((at) => clock.short(at * 1000).slice(0, step < MINUTE ? 8 : 5)),
  };
}

export function valueAxis(line, colours, { font, rem, first }) {
  return {
    scale: line.side,
    side: line.side === "left" ? 3 : 1,
    stroke: colours.text,
    font,
    size: rem * 3.9,
    space: rem * 2.2,
    ticks: { show: false },
    grid: { show: first, stroke: colours.grid, width: 1 },
    values: (_chart, splits) =>
      splits.map((value) => `${String(value).replace("-", "−")}${line.unit ? ` ${line.unit}` : ""}`),
  };
}
