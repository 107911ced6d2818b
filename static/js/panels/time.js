// Which moment of the plant is shown, and how long ago it came.

import { make, say } from "../dom.js";
import { ago } from "../format.js";

export const time = {
  mount(host, { clock, entry }) {
    const utc = make("time", { class: "moment-utc", id: "plant-time" }, "—");
    const local = make("span", { class: "moment-local" });
    const age = make("span", { class: "moment-age", id: "age" });
    const note = make("span", { class: "moment-note" });
    const name = make("h1", { class: "moment-device" }, entry.device_id);
    const moment = make(
      "p",
      { class: "moment-time" },
      make("span", { class: "moment-word" }, "Plant time "),
      utc,
      " ",
      local,
    );
    const element = make(
      "section",
      { class: "moment", "aria-label": "Plant time" },
      name,
      moment,
      make("p", { class: "moment-more" }, age, note),
    );
    host.append(element);
    let received_ms = null;

    function tick(now_ms) {
      say(age, received_ms === null ? "no reading yet" : ago(now_ms - received_ms));
    }

    return {
      update({ newest, note: text }) {
        received_ms = newest?.received_ms ?? null;
        say(note, text ? `; ${text}` : "");
        if (!newest) return;
        utc.setAttribute("datetime", new Date(newest.at_ms).toISOString());
        say(utc, `${clock.utc(newest.at_ms)} UTC`);
        say(local, clock.zone === "UTC" ? "" : `(local ${clock.short(newest.at_ms)} ${clock.zone})`);
      },
      tick,
      unmount: () => element.remove(),
    };
  },
};
