// The choice of a device. The choice stands in the address, so that a page can be kept and sent.

import { make } from "./dom.js";

const KINDS = [
  ["bess", "Storage units"],
  ["meter", "Meters"],
];

/** What the address names, if it is there. */
function named(entries) {
  const written = location.hash.slice(1);
  try {
    return entries.find((entry) => entry.key === decodeURIComponent(written));
  } catch {
    return undefined; // a lone % is no text
  }
}

/** Fills the list and gives the entry to begin with. */
export function mountChooser(select, { entries, onChoose }) {
  for (const [kind, label] of KINDS) {
    const options = entries
      .filter((entry) => entry.kind === kind)
      .map((entry) => make("option", { value: entry.key }, entry.device_id));
    if (options.length > 0) select.append(make("optgroup", { label }, ...options));
  }
  const first = named(entries) ?? entries[0];
  select.value = first.key;
  select.disabled = false;
  select.addEventListener("change", () => {
    const entry = entries.find((one) => one.key === select.value);
    history.replaceState(null, "", `#${encodeURIComponent(entry.key)}`);
    onChoose(entry);
  });
  // an address that is written over in an open page loads nothing
  addEventListener("hashchange", () => {
    const entry = named(entries);
    if (!entry || entry.key === select.value) return;
    select.value = entry.key;
    onChoose(entry);
  });
  return first;
}
