// The alarms: what is raised, who has seen it, what is over. An open one can be acknowledged.

import { postJson, Refused } from "../api.js";
import { make, say } from "../dom.js";
import { createFinding } from "../finding.js";
import { createList } from "../lists.js";

const FEW = 5;

function stateText(alarm, clock) {
  const seen = alarm.acknowledged;
  const by = seen ? `acknowledged${seen.by ? ` by ${seen.by}` : ""}` : "";
  if (alarm.state === "raised") return seen ? by : "raised, not acknowledged";
  return `cleared ${clock.local(Date.parse(alarm.timestamp))}${seen ? `, ${by}` : ""}`;
}

function rowOf({ catalogue, clock, find, say: announce }) {
  return () => {
    const finding = createFinding({ catalogue, clock });
    const state = make("span", { class: "finding-state" });
    const button = make("button", { type: "button", class: "ack" }, "Acknowledge");
    const trouble = make("p", { class: "finding-trouble", role: "alert" });
    const foot = make("p", { class: "finding-foot" }, state, button);
    const element = make("li", { class: "finding", tabindex: "-1" }, finding.head, finding.reason, foot, trouble);
    let alarm = null;

    async function acknowledge() {
      button.disabled = true;
      say(trouble, "");
      try {
        const answer = await postJson(`/alarms/${encodeURIComponent(alarm.alarm_id)}/ack`, {});
        // the answer is that of the analytics, which may be ahead of the clock; only who has seen it is news
        const { acknowledged } = answer;
        show({ ...alarm, acknowledged });
        find("alarm", { alarm_id: alarm.alarm_id, state: "acknowledged", acknowledged });
        announce(`Acknowledged: ${alarm.reason}`);
        element.focus();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        say(trouble, `This could not be acknowledged: ${error.message}`);
        button.disabled = false;
      }
    }

    function show(now) {
      alarm = now;
      element.dataset.severity = now.severity;
      element.dataset.state = now.state;
      finding.show(now, now.raised);
      say(state, stateText(now, clock));
      button.hidden = now.state !== "raised" || now.acknowledged !== null;
      button.setAttribute("aria-label", `Acknowledge: ${now.reason}`);
    }

    button.addEventListener("click", acknowledge);
    return { element, show };
  };
}

function countText(alarms) {
  const open = alarms.filter((alarm) => alarm.state === "raised");
  const unseen = open.filter((alarm) => alarm.acknowledged === null).length;
  if (open.length === 0) return "none open";
  return `${open.length} open, ${unseen === 0 ? "all acknowledged" : `${unseen} not acknowledged`}`;
}

/** What is open, more than information, and nobody has seen. */
function isUrgent(alarm) {
  return alarm.severity !== "info" && alarm.acknowledged === null;
}

/** In words why there is none, as far as is known: `standing` is what `GET /analytics/{device_id}` said, or null. */
function nothingText(standing) {
  if (standing === null) return "No alarm yet.";
  const state = standing.states.alarm;
  if (!state) return `No alarm: ${standing.evidence ?? "the analytics have not begun with this device yet"}.`;
  const rules = state.rules === 1 ? "1 rule is" : `${state.rules} rules are`;
  return `No alarm so far: ${rules} watched${state.asleep.length ? `, ${state.asleep.length} sleep for want of signals` : ""}.`;
}

export const alarms = {
  mount(host, context) {
    const count = make("p", { class: "card-note" });
    const news = make("p", { class: "unseen", role: "status" });
    const row = rowOf({ ...context, say: (text) => say(news, text) });
    const list = createList({ rowOf: row, keyOf: (alarm) => alarm.alarm_id, few: FEW, label: "Alarms" });
    const head = make("header", { class: "card-head" }, make("h2", {}, "Alarms"), count);
    const element = make("section", { class: "card half", "aria-label": "Alarms" }, head, list.element, news);
    host.append(element);
    const told = { began_ms: null, at_ms: null, alarms: new Set() };

    /** Only what is raised while somebody listens is told; what was there before can be read. */
    function tell(open, at_ms) {
      if (told.began_ms === null || at_ms < told.at_ms) Object.assign(told, { began_ms: at_ms, alarms: new Set() });
      told.at_ms = at_ms;
      const later = open.filter((alarm) => Date.parse(alarm.raised) > told.began_ms);
      const fresh = later.filter((alarm) => !told.alarms.has(alarm.alarm_id));
      if (fresh.length > 0) say(news, fresh.map((alarm) => `Alarm, ${alarm.severity}: ${alarm.reason}`).join(". "));
      for (const alarm of fresh) told.alarms.add(alarm.alarm_id);
    }

    return {
      update({ findings, newest }) {
        list.show(findings.alarms, nothingText(findings.known));
        say(count, countText(findings.alarms));
        const open = findings.alarms.filter((alarm) => alarm.state === "raised");
        element.toggleAttribute("data-open", open.some(isUrgent));
        if (newest) tell(open, newest.at_ms);
      },
      tick() {},
      unmount: () => element.remove(),
    };
  },
};
