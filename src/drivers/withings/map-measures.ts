/** Measure groups (scales, blood pressure monitors, thermometers …) and heart recordings → samples. Pure. Source: vendors/withings.md, getmeas. */
import type { SamplePlace } from "#driver/payload.ts";
import type { SampleFlag } from "#driver/records.ts";
import type { MetricName } from "#units/metrics.ts";
import { deviceOf, instantOf, measured, offsetAt, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const HYDRATION_KG = 77;
const WEIGHT = 1;
const OXYGEN = 54;

/** Measure type → metric in the same unit. Which others there are and why they are left out: README.md. */
export const METRIC_BY_TYPE: ReadonlyMap<number, MetricName> = new Map([
  [WEIGHT, "weight"],
  [4, "height"],
  [5, "lean_mass"],
  [6, "body_fat"],
  [9, "blood_pressure_diastolic"],
  [10, "blood_pressure_systolic"],
  [11, "heart_rate"],
  [OXYGEN, "spo2"],
  [71, "body_temperature"],
  [73, "skin_temperature"],
  [76, "muscle_mass"],
  [88, "bone_mass"],
  [91, "pulse_wave_velocity"],
  [123, "vo2max"],
  [155, "vascular_age"],
  [170, "visceral_fat"],
]);

/** All that is asked for. */
export const MEASURE_TYPES: readonly number[] = [...METRIC_BY_TYPE.keys(), HYDRATION_KG];

const REAL = 1;
const GOAL = 2;
/** Somebody who stood on the scale may have been somebody else. */
const AMBIGUOUS = 1;
const MEASURED_BY_DEVICE: ReadonlySet<number> = new Set([0, 5, 7, 8, 15, 17]);
const TYPED: ReadonlySet<number> = new Set([2, 4]);

/** Wrists, arms, feet, legs, halves, torso, hands: of a weight or a mass that is a part and not the whole (0–5 and 8–14). */
const isPartOfBody = (position: number): boolean => position >= 0 && position <= 14 && position !== 6 && position !== 7;
const BODY_COMPOSITION: ReadonlySet<MetricName> = new Set([
  "weight", "lean_mass", "body_fat", "muscle_mass", "bone_mass", "body_water", "visceral_fat",
]);

interface Found {
  readonly metric: MetricName;
  readonly value: number;
  readonly place: SamplePlace;
  readonly path: string;
  readonly modified: number;
}

/**
 * Samples of all groups. One group can come twice (attrib 0 and 8, at the same time) and a type twice in a group: one value of each counts, of a revised group the
 * latest. Goals and what may belong to somebody else are left out. Throws ProviderContractBroken without the list of groups.
 */
export function mapMeasures(payload: unknown, job: MapJob): void {
  const { body, path } = schema.openAnswer(schema.measures, payload, "Withings measures");
  const found = new Map<string, Found>();
  for (const [index, item] of body.measuregrps.entries()) {
    const groupPath = `${path}/measuregrps/${index}`;
    const group = job.mapping.item(schema.measureGroup, item, groupPath);
    if (!group) continue;
    for (const each of valuesOf(group, body.timezone, groupPath, job)) {
      const key = `${group.grpid ?? `#${index}`} ${group.date} ${each.metric}`;
      const before = found.get(key);
      if (!before || each.modified > before.modified) found.set(key, each);
    }
  }
  for (const { metric, value, place, path: valuePath } of found.values()) job.mapping.sample(metric, value, place, valuePath);
}

function valuesOf(group: schema.MeasureGroup, answerZone: string | null | undefined, path: string, job: MapJob): Found[] {
  const flags = flagsOf(group, path, job);
  const startMs = flags && instantOf(group.date, `${path}/date`, job);
  if (flags === null || startMs === null) return [];
  const device = deviceOf(group);
  const place: SamplePlace = {
    startMs,
    offsetMinutes: offsetAt(startMs, group.timezone, answerZone),
    ...(device ? { device } : {}),
    ...(flags.length > 0 ? { flags } : {}),
  };
  const values = new Map<MetricName, Found>();
  let hydration: { readonly kg: number; readonly path: string } | null = null;
  for (const [index, item] of group.measures.entries()) {
    const measurePath = `${path}/measures/${index}`;
    const measure = job.mapping.item(schema.measure, item, measurePath);
    const sent = measure && measured(realValue(measure));
    if (!measure || sent === null) continue;
    // Oxygen comes in percent here, as a share there; so few percent cannot be meant.
    const value = measure.type === OXYGEN && sent <= 1 ? sent * 100 : sent;
    const metric = measure.type === HYDRATION_KG ? "body_water" : METRIC_BY_TYPE.get(measure.type);
    const isPart = typeof measure.position === "number" && isPartOfBody(measure.position);
    if (metric === undefined || (isPart && BODY_COMPOSITION.has(metric))) continue;
    if (metric === "body_water") hydration ??= { kg: value, path: measurePath };
    else if (!values.has(metric)) values.set(metric, { metric, value, place, path: measurePath, modified: group.modified ?? 0 });
  }
  const weight = values.get("weight");
  // Water comes as a mass and is kept as a share, which the weight of the same weighing gives.
  if (hydration && weight) values.set("body_water", { ...weight, metric: "body_water", value: (hydration.kg / weight.value) * 100, path: hydration.path });
  return [...values.values()];
}

/** Flags of a group's samples; null for a group that is not to be taken. */
function flagsOf({ category, attrib }: schema.MeasureGroup, path: string, { mapping }: MapJob): readonly SampleFlag[] | null {
  if ((category ?? REAL) !== REAL) {
    if (category !== GOAL) mapping.problem(`${path}/category`, "an unknown category");
    return null;
  }
  const how = attrib ?? 0;
  if (MEASURED_BY_DEVICE.has(how)) return [];
  if (TYPED.has(how)) return ["manual"];
  if (how !== AMBIGUOUS) mapping.problem(`${path}/attrib`, "an unknown way of being measured");
  return null;
}

/** `value × 10^unit`, dividing where that is exact: 72450 × 10⁻³ is 72.45. */
function realValue({ value, unit }: { readonly value: number; readonly unit: number }): number {
  return unit < 0 ? value / 10 ** -unit : value * 10 ** unit;
}

/**
 * Heart rate of ECG recordings, and the blood pressure taken with them. The latter comes as a measure group too, of the same device and second: equal
 * instants are one sample.
 */
export function mapHeartList(payload: unknown, job: MapJob): void {
  const { body, path } = schema.openAnswer(schema.series, payload, "Withings heart list");
  for (const [index, item] of body.series.entries()) {
    const itemPath = `${path}/series/${index}`;
    const recording = job.mapping.item(schema.heartMeasurement, item, itemPath);
    if (!recording) continue;
    const startMs = instantOf(recording.timestamp, `${itemPath}/timestamp`, job);
    if (startMs === null) continue;
    const device = deviceOf(recording);
    // The measure group tells a zone, which is the person's as a rule: both must say the same, or they would overwrite one another for ever.
    const offsetMinutes = recording.bloodpressure ? offsetAt(startMs, job.context.zone) : null;
    const place: SamplePlace = { startMs, offsetMinutes, ...(device ? { device } : {}) };
    const { systole, diastole } = recording.bloodpressure ?? {};
    job.mapping.sample("heart_rate", measured(recording.heart_rate), place, `${itemPath}/heart_rate`);
    job.mapping.sample("blood_pressure_systolic", measured(systole), place, `${itemPath}/bloodpressure/systole`);
    job.mapping.sample("blood_pressure_diastolic", measured(diastole), place, `${itemPath}/bloodpressure/diastole`);
  }
}
