// The panels, from top to bottom. Each is `{mount(host, context)}`, and what it mounts is `{update, tick, unmount}`:
// `update(view)` when there is something new, `tick(now_ms)` each second, for ages.

import { alarms } from "./alarms.js";
import { anomalies } from "./anomalies.js";
import { degradation } from "./degradation.js";
import { figures } from "./figures.js";
import { forecast } from "./forecast.js";
import { groups } from "./groups.js";
import { time } from "./time.js";
import { trend } from "./trend.js";

export const PANELS = [time, figures, trend, alarms, anomalies, forecast, degradation, groups];
