/** Days and the minutes in them → samples. Pure. Source: vendors/withings.md, getactivity and getintradayactivity. */
import { dayPlace } from "#driver/day.ts";
import { looseNumber, type SamplePlace } from "#driver/payload.ts";
import type { Device } from "#driver/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { isZone } from "#units/time.ts";
import { deviceOf, isPossible, measured, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

/** Fields of a day that are totals, zero being a total like any other. `elevation` is floors, `calories` active ones, `active` both intensities. */
const DAY_TOTALS = [
  ["steps", "steps"],
  ["distance", "distance"],
  ["floors", "elevation"],
  ["active_duration", "active"],
  ["intensity_moderate", "moderate"],
  ["intensity_vigorous", "intense"],
  ["calories_active", "calories"],
  ["calories_total", "totalcalories"],
] as const;

/** What an app of a phone or another vendor's tracker gave to Withings. */
const EXTERNAL_BRAND = 18;
const EXTERNAL: Device = { id: "external", name: "External" };

/** Totals of days, each over its local day. Throws ProviderContractBroken without the list. */
export function mapActivities(payload: unknown, { mapping, context }: MapJob): void {
  const { body, path } = schema.openAnswer(schema.activities, payload, "Withings activities");
  for (const [index, item] of body.activities.entries()) {
    const dayPath = `${path}/activities/${index}`;
    const day = mapping.item(schema.activity, item, dayPath);
    if (!day) continue;
    const at = dayPlace(day.date, day.timezone && isZone(day.timezone) ? day.timezone : context.zone, null);
    if (!at || !isPossible(at.startMs, context)) {
      mapping.problem(`${dayPath}/date`, "no possible date of a measurement");
      continue;
    }
    const device = deviceOf(day) ?? (day.brand === EXTERNAL_BRAND ? EXTERNAL : null);
    const ofDay: SamplePlace = { ...at, ...(device ? { device } : {}) };
    for (const [metric, field] of DAY_TOTALS) mapping.sample(metric, day[field], { ...ofDay, flags: ["day_total"] }, `${dayPath}/${field}`);
    mapping.sample("heart_rate_min", measured(day.hr_min), ofDay, `${dayPath}/hr_min`);
    mapping.sample("heart_rate_max", measured(day.hr_max), ofDay, `${dayPath}/hr_max`);
  }
}

interface Minute {
  readonly [field: string]: unknown;
}

/** Values at the entry's instant. */
const INSTANTS: readonly (readonly [metric: MetricName, field: string])[] = [
  ["heart_rate", "heart_rate"],
  ["spo2", "spo2_auto"],
  ["hrv_rmssd", "rmssd"],
  ["hrv_sdnn", "sdnn1"],
  ["body_temperature", "core_body_temperature"],
  ["respiration_rate", "rr"],
];
/** Sums over the entry's `duration`. */
const SUMS: readonly (readonly [metric: MetricName, field: string])[] = [
  ["steps", "steps"],
  ["distance", "distance"],
  ["floors", "elevation"],
  ["calories_active", "calories"],
];
const LONGEST_S = 86_400;

/**
 * Entries by epoch second; none at all is an empty list. The hot path of this driver, so fields are narrowed by hand. Bad ones become one problem for
 * each field. Throws ProviderContractBroken without the series.
 */
export function mapIntraday(payload: unknown, { mapping, context }: MapJob): void {
  const { body, path } = schema.openAnswer(schema.intraday, payload, "Withings intraday activity");
  const series: Readonly<Record<string, unknown>> = body.series;
  const bad = new Set<string>();
  const deviceFor = rememberDevice();
  for (const key in series) {
    const entry = series[key];
    const ms = Number(key) * 1000;
    if (typeof entry !== "object" || entry === null || !isPossible(ms, context) || !Number.isInteger(ms)) {
      bad.add("");
      continue;
    }
    const minute: Minute = entry as Minute;
    const device = deviceFor(minute["deviceid"], minute["model"]);
    const at: SamplePlace = device ? { startMs: ms, offsetMinutes: null, device } : { startMs: ms, offsetMinutes: null };
    for (const [metric, field] of INSTANTS) mapping.sample(metric, measured(numberIn(minute, field, bad)), at, `${path}/series/*/${field}`);
    addSums(minute, at);
  }
  for (const field of bad) mapping.problem(field === "" ? `${path}/series` : `${path}/series/*/${field}`, "some entries are not as agreed");

  function addSums(minute: Minute, at: SamplePlace): void {
    const durationS = numberIn(minute, "duration", bad);
    for (const [metric, field] of SUMS) {
      const amount = numberIn(minute, field, bad);
      if (amount === null) continue;
      // A sum without the stretch that it belongs to is worth nothing.
      if (durationS === null || durationS <= 0 || durationS > LONGEST_S) bad.add("duration");
      else mapping.sample(metric, amount, { ...at, endMs: at.startMs + Math.round(durationS * 1000) }, `${path}/series/*/${field}`);
    }
  }
}

function numberIn(minute: Minute, field: string, bad: Set<string>): number | null {
  const value = minute[field];
  if (typeof value === "number") return value;
  if (value === undefined || value === null) return null;
  const number = looseNumber(value);
  if (number === null) bad.add(field);
  return number;
}

/** Thousands of entries in a row come from one device: it is built once. */
function rememberDevice(): (deviceid: unknown, model: unknown) => Device | null {
  let lastId: unknown = Symbol("none yet");
  let lastModel: unknown;
  let device: Device | null = null;
  return (deviceid, model) => {
    if (deviceid !== lastId || model !== lastModel) {
      device = deviceOf({ deviceid: typeof deviceid === "string" ? deviceid : null, model: typeof model === "string" ? model : null });
      lastId = deviceid;
      lastModel = model;
    }
    return device;
  };
}
