// The choice of a device. The choice stands in the address, so that a page can be kept and sent.

import { make } from "./dom.js";

const KINDS = [
  ["bess", "Storage units"],
  ["meter", "Meters"],
];

function remembered(entries) {
  const wanted = decodeURIComponent(location.hash.slice(1));
  return entries.find((entry) => entry.key === wanted) ?? entries[0];
}

/** Fills the list and gives the entry to begin with. */
export function mountChooser(select, { entries, onChoose }) {
  for (const [kind, label] of KINDS) {
    const options = entries
      .filter((entry) => entry.kind === kind)
      .map((entry) => make("option", { value: entry.key }, entry.device_id));
    if (options.length > 0) select.append(make("optgroup", { label }, ...options));
  }
  const first = remembered(entries);
  select.value = first.key;
  select.disabled = false;
  select.addEventListener("change", () => {
    const entry = entries.find((one) => one.key === select.value);
    history.replaceState(null, "", `#${encodeURIComponent(entry.key)}`);
    onChoose(entry);
  });
  return first;
}
