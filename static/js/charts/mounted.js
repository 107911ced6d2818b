// A uPlot in the page: drawn anew when the colours change, as wide as its place, and walked along with the keys.

const uPlot = globalThis.uPlot;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 };

function moveCursor(chart, times, step) {
  if (times.length === 0) return;
  const from = chart.cursor.idx ?? (step > 0 ? -1 : times.length);
  const index = Math.min(Math.max(from + step, 0), times.length - 1);
  chart.setCursor({ left: chart.valToPos(times[index], "x"), top: 0 });
}

/**
 * `options()`: of uPlot, in the colours of now; `lanes`: how many columns beside the times; `place(chart, data)`: sets
 * the scale of the times. Gives `{show(data), unmount}`.
 */
export function mountChart(host, { options, lanes, place }) {
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  let data = [[], ...Array.from({ length: lanes }, () => [])];
  let chart = null;

  function draw() {
    chart?.destroy();
    const size = { width: Math.max(host.clientWidth, 200), height: Math.max(host.clientHeight, 160) };
    chart = new uPlot({ ...options(), ...size }, data, host);
    show(data);
  }

  function show(next) {
    data = next;
    chart.batch(() => {
      chart.setData(data, false);
      if (data[0].length > 0) place(chart, data);
    });
  }

  const resized = new ResizeObserver(() => {
    if (host.clientWidth > 0) chart.setSize({ width: host.clientWidth, height: host.clientHeight });
  });
  draw();
  resized.observe(host);
  scheme.addEventListener("change", draw);
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape") chart.setCursor({ left: -10, top: -10 });
    if (!STEPS[event.key]) return;
    event.preventDefault();
    moveCursor(chart, data[0], STEPS[event.key]);
  });

  return {
    show,
    unmount() {
      resized.disconnect();
      scheme.removeEventListener("change", draw);
      chart.destroy();
    },
  };
}
