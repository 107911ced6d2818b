// The points of a chart, bounded, in order of time, with breaks where nothing was measured.

const SLACK = 256;

/** `columns`: how many values a point has; `step_ms`: the usual distance of two points, or null if unknown. */
export function createRing({ columns, step_ms, capacity = 3600 }) {
  let times = [];
  let lanes = Array.from({ length: columns }, () => []);

  function append(at_ms, values) {
    times.push(at_ms);
    lanes.forEach((lane, index) => lane.push(values[index] ?? null));
    if (times.length <= capacity + SLACK) return;
    times = times.slice(-capacity);
    lanes = lanes.map((lane) => lane.slice(-capacity));
  }

  /** Ends the line: what comes next is not joined to what was. */
  function breakLine() {
    if (times.length === 0) return;
    append(times.at(-1) + 1, []);
  }

  /** False for a point that is not newer than the last: time goes backwards only after `clear`. */
  function push(at_ms, values, merged = 1) {
    const last = times.at(-1);
    if (last !== undefined && at_ms <= last) return false;
    if (last !== undefined && step_ms !== null && at_ms - last > 3 * step_ms * Math.max(1, merged)) breakLine();
    append(at_ms, values);
    return true;
  }

  function clear() {
    times = [];
    lanes = lanes.map(() => []);
  }

  /** Puts older points in front of those that came meanwhile. `rows`: `[at_ms, values]`, in order. */
  function prepend(rows) {
    const [later, laterLanes] = [times, lanes];
    clear();
    for (const [at_ms, values] of rows) {
      if (later.length === 0 || at_ms < later[0]) push(at_ms, values);
    }
    later.forEach((at_ms, index) =>
      push(
        at_ms,
        laterLanes.map((lane) => lane[index]),
      ),
    );
  }

  /** Copies for uPlot: seconds first, then each column, not older than `span_ms` before the newest. */
  function data(span_ms) {
    const from = times.length ? times.at(-1) - span_ms : 0;
    const first = times.findIndex((at_ms) => at_ms >= from);
    const start = first < 0 ? 0 : first;
    return [times.slice(start).map((at_ms) => at_ms / 1000), ...lanes.map((lane) => lane.slice(start))];
  }

  return { push, prepend, breakLine, clear, data, size: () => times.length };
}
