// The connection's state in the head of the page. Only the one word is announced, and only when it changes.

import { say } from "./dom.js";

export function showStatus({ state, label, detail }, device_id = null) {
  document.getElementById("connection").dataset.state = state;
  document.documentElement.dataset.connection = state;
  say(document.getElementById("connection-state"), label);
  say(document.getElementById("connection-detail"), detail);
  document.title = device_id ? `${device_id} · ${label} · bessline` : `${label} · bessline`;
}
