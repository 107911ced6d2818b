// What looked unusual: the newest anomalies, each with what was seen and what was expected, and how sure that is.

import { make, say } from "../dom.js";
import { createFinding } from "../finding.js";
import { keyOf } from "../findings.js";
import { createList } from "../lists.js";
import { scoreText } from "../words.js";

const FEW = 5;

function rowOf(context) {
  return () => {
    const finding = createFinding(context);
    const score = make("span", { class: "finding-state" });
    const foot = make("p", { class: "finding-foot" }, score);
    const element = make("li", { class: "finding" }, finding.head, finding.reason, foot);
    return {
      element,
      show(now) {
        element.dataset.severity = now.severity;
        finding.show(now, now.timestamp);
        say(score, `score ${scoreText(now.score)}, threshold ${scoreText(now.threshold)}`);
      },
    };
  };
}

/** What the list rests on. `standing` is what `GET /analytics/{device_id}` said, or null. */
function noteText(newest) {
  const wanted = newest?.false_alarms_per_week;
  if (wanted === undefined) return "";
  return `at most ${wanted} false alarm${wanted === 1 ? "" : "s"} a week wanted`;
}

function nothingText(standing) {
  const begin = "the scores need two days of readings before they speak";
  if (standing === null) return `No anomaly yet: ${begin}.`;
  const state = standing.states.anomaly;
  if (!state) return `No anomaly: ${standing.evidence ?? "the analytics have not begun with this device yet"}.`;
  if (state.threshold === null) return `No anomaly yet: ${begin} (${state.evidence}).`;
  return `No anomaly so far: ${state.evidence}.`;
}

export const anomalies = {
  mount(host, context) {
    const note = make("p", { class: "card-note" });
    const list = createList({ rowOf: rowOf(context), keyOf, few: FEW, label: "Anomalies" });
    const head = make("header", { class: "card-head" }, make("h2", {}, "Anomalies"), note);
    const element = make("section", { class: "card half", "aria-label": "Anomalies" }, head, list.element);
    host.append(element);
    return {
      update({ findings }) {
        list.show(findings.anomalies, nothingText(findings.known));
        say(note, noteText(findings.anomalies[0]));
      },
      tick() {},
      unmount: () => element.remove(),
    };
  },
};
