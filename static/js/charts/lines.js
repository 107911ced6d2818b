// A line chart over time on uPlot: at most one line on each side.

const uPlot = globalThis.uPlot;
const MINUTE = 60;
const AXIS_STEPS_S = [1, 5, 10, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, 3600, 2 * 3600, 6 * 3600, 86400];

function palette(host) {
  const style = getComputedStyle(host);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read("--text-soft"),
    grid: read("--rule"),
    left: read("--line-left"),
    right: read("--line-right"),
    wash: read("--line-left-wash"),
  };
}

/** Zero stays in sight, and the line has air above and below. */
function aroundZero(_chart, low, high) {
  const [least, most] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  const air = (most - least || 1) * 0.1;
  return [least < 0 ? least - air : 0, most > 0 ? most + air : 0];
}

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

function timeAxis(colours, clock, { font, rem }) {
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

function valueAxis(line, colours, { font, rem, first }) {
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

function optionsOf(host, { lines, clock, onCursor }) {
  const colours = palette(host);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${Math.round(rem * 0.75)}px system-ui, sans-serif`;
  const axes = lines.map((line, index) => valueAxis(line, colours, { font, rem, first: index === 0 }));
  return {
    width: Math.max(host.clientWidth, 200),
    height: Math.max(host.clientHeight, 160),
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
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  let data = [[], ...lines.map(() => [])];
  let chart = null;

  function draw() {
    chart?.destroy();
    chart = new uPlot(optionsOf(host, { lines, clock, onCursor }), data, host);
    show(data);
  }

  function show(next) {
    data = next;
    chart.batch(() => {
      chart.setData(data, false);
      const last = data[0].at(-1);
      if (last !== undefined) chart.setScale("x", { min: last - seen_s(data[0], span_ms / 1000), max: last });
    });
  }

  function moveCursor(step) {
    const size = data[0].length;
    if (size === 0) return;
    const from = chart.cursor.idx ?? (step > 0 ? -1 : size);
    const index = Math.min(Math.max(from + step, 0), size - 1);
    chart.setCursor({ left: chart.valToPos(data[0][index], "x"), top: 0 });
  }

  const resized = new ResizeObserver(() => {
    if (host.clientWidth > 0) chart.setSize({ width: host.clientWidth, height: host.clientHeight });
  });
  draw();
  resized.observe(host);
  scheme.addEventListener("change", draw);

  return {
    show,
    moveCursor,
    leaveCursor: () => chart.setCursor({ left: -10, top: -10 }),
    unmount() {
      resized.disconnect();
      scheme.removeEventListener("change", draw);
      chart.destroy();
    },
  };
}
