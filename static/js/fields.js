// Every field that the page itself names, as "topic.field" of the catalogue, and nothing else: all other fields are
// shown because a reading has them. A test holds this file against the catalogue.

/** A converter that does not measure the first gives the second; a device tells which it has. */
const POWER = ["pcs.active_power", "pcs.apparent_power"];

/** What the chart draws, per kind of device: at most one line an axis. */
export const CHART = {
  bess: [
    { title: "State of charge", fields: ["bms.soc"], side: "left", range: [0, 100] },
    { title: "Power", fields: POWER, side: "right" },
  ],
  meter: [{ title: "Power", fields: ["meter.active_power"], side: "left" }],
};

/** The large figures, in order. `low`/`high`/`spread` make one figure of three fields. */
export const FIGURES = {
  bess: [
    { title: "State of charge", fields: ["bms.soc"], look: "level" },
    { title: "Power", fields: POWER, look: "flow" },
    { title: "String voltage", fields: ["bms.voltage"], look: "plain" },
    { title: "String current", fields: ["bms.current"], look: "flow" },
    {
      title: "Cell voltage",
      look: "span",
      low: "bms.cell_min_voltage",
      high: "bms.cell_max_voltage",
      spread: "bms.cell_voltage_diff",
    },
    {
      title: "Cell temperature",
      look: "span",
      low: "bms.cell_min_temp",
      high: "bms.cell_max_temp",
      spread: "bms.cell_temp_diff",
    },
    { title: "Power transistors", fields: ["pcs.temp_igbt"], look: "plain" },
    { title: "Container air", fields: ["env.temperature"], look: "plain" },
  ],
  meter: [
    { title: "Power", fields: ["meter.active_power"], look: "flow" },
    { title: "Power factor", fields: ["meter.power_factor"], look: "plain" },
    { title: "Imported energy", fields: ["meter.import_energy"], look: "plain" },
    { title: "Exported energy", fields: ["meter.export_energy"], look: "plain" },
  ],
};

/** The groups of values, in order. A topic that is not here comes last under its own name. */
export const GROUPS = [
  ["bms", "Battery"],
  ["pcs", "Converter"],
  ["aux", "Cooling and auxiliaries"],
  ["env", "Container"],
  ["safety", "Fire detection"],
  ["meter", "Meter"],
];
