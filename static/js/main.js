// Joins the parts: what the server has, the device chosen, its feed, the panels, pause.

import { getJson, Refused } from "./api.js";
import { createCatalogue } from "./catalogue.js";
import { mountChooser } from "./chooser.js";
import { judgePaused } from "./connection.js";
import { entriesOf } from "./devices.js";
import { make } from "./dom.js";
import { PANELS } from "./panels/index.js";
import { openSession } from "./session.js";
import { showStatus } from "./status.js";

const ASK_AGAIN_MS = 3000;
const main = document.getElementById("content");
const pauseButton = document.getElementById("pause");

let catalogue = null;
let session = null;
let panels = [];
let pausedAt = null;
let drawing = false;

function notice(title, ...lines) {
  main.replaceChildren(
    make("section", { class: "notice" }, make("h1", {}, title), ...lines.map((line) => make("p", {}, line))),
  );
}

function verdict() {
  const now = session.verdict(Date.now());
  return pausedAt === null ? now : judgePaused(now, session.count() - pausedAt);
}

function tick() {
  if (!session) return;
  showStatus(verdict(), session.entry.device_id);
  for (const panel of panels) panel.tick(Date.now());
}

function draw() {
  drawing = false;
  if (!session) return;
  const view = pausedAt === null ? session.view() : null;
  if (view) for (const panel of panels) panel.update(view);
  tick();
}

function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function setPaused(paused) {
  pausedAt = paused ? session.count() : null;
  pauseButton.setAttribute("aria-pressed", String(paused));
  document.getElementById("pause-label").textContent = paused ? "Resume" : "Pause";
  draw();
}

function watch(entry) {
  session?.close();
  for (const panel of panels) panel.unmount();
  main.replaceChildren();
  session = openSession(entry, catalogue, drawSoon);
  const { clock, lines, span_ms, find } = session;
  const context = { entry, catalogue, clock, lines, span_ms, find };
  panels = PANELS.map((panel) => panel.mount(main, context));
  setPaused(false);
}

function explain(error) {
  if (error.status === 401 || error.status === 403) {
    showStatus({ state: "error", label: "No access", detail: "the server asks for a key" });
    notice("This server asks for a key", error.message);
    return;
  }
  const loading = error.status === 503;
  showStatus({
    state: loading ? "loading" : "reconnecting",
    label: loading ? "Loading" : "Reconnecting",
    detail: error.message,
  });
  notice(
    loading ? "The server is still loading" : "The server cannot be read",
    error.message,
    "This page asks again every few seconds.",
  );
}

async function load() {
  const answers = await Promise.all([getJson("/signals"), getJson("/devices")]).catch((error) => {
    if (!(error instanceof Refused)) throw error;
    explain(error);
    setTimeout(load, ASK_AGAIN_MS);
  });
  if (answers) begin(answers[0], entriesOf(answers[1]));
}

function begin(signals, entries) {
  if (entries.length === 0) {
    showStatus({ state: "empty", label: "No devices", detail: "the store holds no readings yet" });
    notice(
      "No devices yet",
      "The store holds no storage unit and no meter. Take in a folder of exports, and they appear here.",
      "This page asks again every few seconds.",
    );
    setTimeout(load, ASK_AGAIN_MS);
    return;
  }
  catalogue = createCatalogue(signals);
  pauseButton.disabled = false;
  pauseButton.addEventListener("click", () => setPaused(pausedAt === null));
  watch(mountChooser(document.getElementById("device"), { entries, onChoose: watch }));
  setInterval(tick, 1000);
}

// a page that is put away must not hold one of the six connections; one that comes back opens its own
addEventListener("pagehide", () => session?.close());
addEventListener("pageshow", (event) => {
  if (event.persisted && session) watch(session.entry);
});

showStatus({ state: "loading", label: "Loading", detail: "reading the list of devices" });
load();
