// What was, and what is expected: one line for each, and a band around the second.

import { aroundZero, fontOf, palette, timeAxis, valueAxis } from "./axes.js";
import { mountChart } from "./mounted.js";

const uPlot = globalThis.uPlot;
const HIDDEN = { width: 0, points: { show: false }, scale: "left" };

function optionsOf(host, { line, clock, onCursor }) {
  const colours = palette(host);
  const sizes = fontOf();
  const plain = { scale: "left", width: 2, spanGaps: false, points: { show: false } };
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), clock.zone),
    scales: { left: { range: line.range ?? aroundZero } },
    series: [
      {},
      { ...plain, stroke: colours.left },
      { ...HIDDEN, stroke: colours.right },
      { ...plain, stroke: colours.right, dash: [6, 4] },
      { ...HIDDEN, stroke: colours.right },
    ],
    bands: [{ series: [4, 2], fill: colours.rightWash }],
    axes: [timeAxis(colours, clock, sizes), valueAxis({ ...line, side: "left" }, colours, { ...sizes, first: true })],
    hooks: { setCursor: [(chart) => onCursor(chart.cursor.idx ?? null)] },
    padding: [12, 16, 0, 0],
  };
}

/** `line`: `{unit, range}`; shows `[times, past, lower, median, upper]`, times in seconds. */
export function mountBand(host, { line, clock, onCursor }) {
  return mountChart(host, {
    options: () => optionsOf(host, { line, clock, onCursor }),
    lanes: 4,
    place: (chart, [times]) => chart.setScale("x", { min: times[0], max: times.at(-1) }),
  });
}
