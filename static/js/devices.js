// What can be chosen: one entry a storage unit and one a meter, from `GET /devices`.

const UNIT_TOPICS = ["bms", "pcs", "aux", "env", "safety"];

function entryOf(device, kind, names) {
  const present = names.filter((name) => name in device.topics);
  if (present.length === 0) return null;
  const id = encodeURIComponent(device.device_id);
  const periods = present.map((name) => device.topics[name].period_s).filter((period) => period > 0);
  return {
    key: `${kind}:${device.device_id}`,
    device_id: device.device_id,
    kind,
    // the joint timeline carries the topic in front of each field, a single topic does not
    topic: kind === "meter" ? "meter" : null,
    path: kind === "meter" ? `/meters/${id}` : `/bess/${id}`,
    timezone: device.timezone,
    period_s: periods.length ? Math.min(...periods) : null,
    fields: new Set(present.flatMap((name) => device.topics[name].fields.map((field) => `${name}.${field}`))),
  };
}

/** Storage units first, then meters. */
export function entriesOf(answer) {
  const units = answer.devices.map((device) => entryOf(device, "bess", UNIT_TOPICS));
  const meters = answer.devices.map((device) => entryOf(device, "meter", ["meter"]));
  return [...units, ...meters].filter(Boolean);
}

/** The first of these fields that the device measures, or null. */
export function pick(entry, fields) {
  return fields.find((field) => entry.fields.has(field)) ?? null;
}

/** "bms.soc" as this device's readings spell it. */
export function nameIn(entry, id) {
  return entry.topic ? id.slice(entry.topic.length + 1) : id.replace(".", "_");
}
