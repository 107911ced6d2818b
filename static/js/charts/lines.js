// A line chart over time on uPlot: at most one line on each side.

import { aroundZero, fontOf, palette, timeAxis, valueAxis } from "./axes.js";
import { mountChart } from "./mounted.js";

const uPlot = globalThis.uPlot;

function seriesOf(line, colours) {
  return {
    label: line.title,
    scale: line.side,
    stroke: colours[line.side],
    width: 2,
    fill: line.range ? colours.wash : undefined,
    spanGaps: false,
    points: { show: false },
  };
}

function optionsOf(host, { lines, clock, onCursor }) {
  const colours = palette(host);
  const { rem, font } = fontOf();
  const axes = lines.map((line, index) => valueAxis(line, colours, { font, rem, first: index === 0 }));
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), clock.zone),
    scales: Object.fromEntries(lines.map((line) => [line.side, { range: line.range ?? aroundZero }])),
    series: [{}, ...lines.map((line) => seriesOf(line, colours))],
    axes: [timeAxis(colours, clock, { font, rem }), ...axes],
    hooks: { setCursor: [(chart) => onCursor(chart.cursor.idx ?? null)] },
    padding: [12, lines.length > 1 ? 0 : 16, 0, 0],
  };
}

/** A short past fills the width too, and grows to the whole span. */
function seen_s(times, span_s) {
  return Math.min(Math.max(times.at(-1) - times[0], span_s / 12), span_s);
}

/** `lines`: of a session, each with its unit; `onCursor(index|null)`: the point under the pointer or the arrow keys. */
export function mountLines(host, { lines, clock, span_ms, onCursor }) {
  return mountChart(host, {
    options: () => optionsOf(host, { lines, clock, onCursor }),
    lanes: lines.length,
    place(chart, [times]) {
      const max = times.at(-1);
      chart.setScale("x", { min: max - seen_s(times, span_ms / 1000), max });
    },
  });
}
