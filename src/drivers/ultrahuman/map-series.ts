/** Ultrahuman's series and single numbers of a day → samples. Pure; the hot path of this driver. Source: vendors/ultrahuman.md, Mapping. */
import type { DayPlace } from "#driver/day.ts";
import { looseNumber, type SamplePlace } from "#driver/payload.ts";
import type { SampleFlag } from "#driver/records.ts";
import { parseGlucoseUnit, toMgDl } from "#units/glucose.ts";
import { MINUTE_MS } from "#units/time.ts";
import type { MetricName } from "#units/metrics.ts";
import { dayOf, epochOf, isPossible, offsetAt, type Item, type MapJob } from "./map-place.ts";
import * as schema from "./schema.ts";

const DAY_TOTAL: readonly SampleFlag[] = ["day_total"];
/** Readings come about every five minutes and count what was since the one before; where each begins is not told. */
const STEP_MS = 5 * MINUTE_MS;

/** 0 fills the gaps of every series but that of steps, where it may be true. */
const SERIES: Readonly<Record<string, MetricName>> = {
  hr: "heart_rate",
  temp: "skin_temperature",
  // Ultrahuman does not say which variability it means; its public pages speak of RMSSD.
  hrv: "hrv_rmssd",
  spo2: "spo2",
  steps: "steps",
  glucose: "glucose",
};

export function isSeries(type: string): boolean {
  return Object.hasOwn(SERIES, type);
}

/** Values by time, and for steps the day's own total beside them: the two differ. */
export function mapSeries(item: Item, job: MapJob): void {
  const { mapping } = job;
  const metric = SERIES[item.type];
  const series = mapping.item(schema.series, item.content, item.path);
  if (!series || metric === undefined) return;
  const dayStartS = epochOf(series.day_start_timestamp) ?? item.neighbourDayS;
  const convert = metric === "glucose" && parseGlucoseUnit(series.unit) === "mmol/L" ? toMgDl : null;
  let isBad = false;
  for (const entry of series.values ?? []) {
    const { timestamp, value: sent } = (typeof entry === "object" && entry !== null ? entry : {}) as { timestamp?: unknown; value?: unknown };
    const seconds = epochOf(timestamp);
    if (sent === null && seconds !== null) continue;
    const value = typeof sent === "number" ? sent : looseNumber(sent);
    const startMs = seconds === null ? Number.NaN : Math.round(seconds * 1000);
    if (value === null || !isPossible(startMs, job)) isBad = true;
    else if (value !== 0 || metric === "steps") {
      const offsetMinutes = offsetAt(startMs, dayStartS, job);
      const place: SamplePlace = metric === "steps" ? { startMs, endMs: startMs + STEP_MS, offsetMinutes } : { startMs, offsetMinutes };
      mapping.sample(metric, convert ? convert(value) : value, place, `${item.path}/values`);
    }
  }
  if (isBad) mapping.problem(`${item.path}/values`, "some entries have no possible time or no number");
  if (metric !== "steps" || series.total === null || series.total === undefined) return;
  const day = dayOf(item, job);
  if (day) mapping.sample("steps", series.total, { ...day, flags: DAY_TOTAL }, `${item.path}/total`);
}

interface ScalarRule {
  readonly metric: MetricName;
  /** "at": an instant at the day's start; "night": one that stands for the night; "day": the whole day; "total": its sum or mean. */
  readonly place: "at" | "night" | "day" | "total";
  readonly field?: "avg";
  readonly factor?: number;
  /** Whether 0 and less are measurements. */
  readonly isSigned?: true;
}

const SCALARS: Readonly<Record<string, ScalarRule>> = {
  night_rhr: { metric: "resting_heart_rate", place: "day", field: "avg" },
  sleep_rhr: { metric: "resting_heart_rate", place: "day" },
  avg_sleep_hrv: { metric: "hrv_rmssd", place: "night" },
  recovery_index: { metric: "recovery", place: "day" },
  vo2_max: { metric: "vo2max", place: "at" },
  active_minutes: { metric: "active_duration", place: "total", factor: 60, isSigned: true },
  sleep_score: { metric: "sleep_score", place: "total" },
  temperature_deviation: { metric: "skin_temperature_deviation", place: "total", isSigned: true },
};

export function isScalar(type: string): boolean {
  return Object.hasOwn(SCALARS, type);
}

/** One number of a day. */
export function mapScalar(item: Item, job: MapJob): void {
  const rule = SCALARS[item.type];
  // `{"recovery_index": {"value": 78}}` has been seen for `{"value": 78}`.
  const inner = item.content[item.type];
  const isWrapped = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  const path = isWrapped ? `${item.path}/${item.type}` : item.path;
  const content = isWrapped ? { ...(inner as object), day_start_timestamp: item.content["day_start_timestamp"] } : item.content;
  const field = rule?.field ?? "value";
  const parsed = job.mapping.item(field === "avg" ? schema.series : schema.scalar, content, path);
  const told = parsed && (parsed[field] as number | null | undefined);
  const value = told ?? (field === "avg" && parsed ? meanOf((parsed as { readonly values?: readonly unknown[] | null }).values ?? []) : null);
  if (!rule || value === null || value === undefined || (value <= 0 && !rule.isSigned)) return;
  const day = dayOf({ ...item, content, path }, job);
  if (day) job.mapping.sample(rule.metric, value * (rule.factor ?? 1), placeFor(rule, day), `${path}/${field}`);
}

/** The average that was not sent: of all values that are one. */
function meanOf(entries: readonly unknown[]): number | null {
  const values = entries.flatMap((entry) => {
    const value = looseNumber((entry as { readonly value?: unknown } | null)?.value);
    return value !== null && value > 0 ? [value] : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function placeFor({ place }: ScalarRule, day: DayPlace): SamplePlace {
  const { startMs, offsetMinutes } = day;
  if (place === "day") return day;
  if (place === "total") return { ...day, flags: DAY_TOTAL };
  return place === "at" ? { startMs, offsetMinutes } : { startMs, offsetMinutes, flags: DAY_TOTAL };
}
