// What an alarm and an anomaly have in common on the page: how grave it is, where, when, and a sentence.

import { make, say } from "./dom.js";
import { placeOf } from "./words.js";

/** Gives `{head, reason, show(finding, stamp)}`: two elements of a row, and what fills them. */
export function createFinding({ catalogue, clock }) {
  const severity = make("span", { class: "severity" });
  const place = make("span", { class: "finding-place" });
  const at = make("time", { class: "finding-at" });
  const reason = make("p", { class: "finding-reason" });
  return {
    head: make("p", { class: "finding-head" }, severity, " ", place, " ", at),
    reason,
    show(finding, stamp) {
      say(severity, finding.severity);
      say(place, placeOf(finding, catalogue));
      at.setAttribute("datetime", stamp);
      say(at, clock.local(Date.parse(stamp)));
      at.title = `${clock.zone}; ${clock.utc(Date.parse(stamp))} UTC`;
      say(reason, finding.reason);
    },
  };
}
