/** Oura's collections as data: how each is asked for, which scope opens it, what it gives. Source: vendors/oura.md, Data endpoints and Webhooks. */
import type { Resource } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";

export interface Collection {
  /** Below `/v2/usercollection/`, and the resource's name. */
  readonly name: string;
  /** By date, by instant, as a whole page by page, or as the one object there is. */
  readonly asked: "dates" | "instants" | "pages" | "single";
  /** Any of these scopes opens it; none where the documents do not say which does. */
  readonly scopes: readonly string[];
  /** Present where events of it are subscribed to: kinds of record that a deletion withdraws, or null for samples alone. */
  readonly announced?: { readonly withdraws: "sleep" | "workout" | "treatment" | null };
  /** Absent where sync has no use for it: what it holds has no place here (see README.md). */
  readonly pull?: Resource["pull"];
  readonly metrics: Resource["metrics"];
  readonly records: Resource["records"];
}

/** Heart rate is given for at most 30 days at once; a day less leaves room for any reading of that. */
export const MAX_INSTANTS_MS = 29 * DAY_MS;

/** Behind the events, and enough where there are none. A ring keeps some days of data until its phone is near. */
const BY_DATE: Resource["pull"] = { maxWindowMs: 90 * DAY_MS, backfillDays: 365, everySeconds: 21_600, overlapMs: 7 * DAY_MS };

const DAILY = ["daily"];
const SAMPLES_ONLY = { withdraws: null } as const;

export const COLLECTIONS: readonly Collection[] = [
  {
    name: "sleep", asked: "dates", scopes: DAILY, announced: { withdraws: "sleep" }, pull: BY_DATE, records: ["sleep", "sample"],
    metrics: ["heart_rate", "hrv_rmssd", "resting_heart_rate", "respiration_rate"],
  },
  {
    name: "heartrate", asked: "instants", scopes: ["heartrate"], metrics: ["heart_rate"], records: ["sample"],
    // No events tell of it: asked for with each sleep and day that is announced, and by the hour.
    pull: { maxWindowMs: MAX_INSTANTS_MS, backfillDays: 90, everySeconds: 3_600, overlapMs: 2 * DAY_MS },
  },
  {
    name: "daily_activity", asked: "dates", scopes: DAILY, announced: SAMPLES_ONLY, pull: { ...BY_DATE, maxWindowMs: 30 * DAY_MS }, records: ["sample"],
    metrics: ["steps", "distance", "calories_active", "calories_total", "intensity_moderate", "intensity_vigorous", "met"],
  },
  { name: "daily_sleep", asked: "dates", scopes: DAILY, announced: SAMPLES_ONLY, pull: BY_DATE, metrics: ["sleep_score"], records: ["sample"] },
  {
    name: "daily_readiness", asked: "dates", scopes: DAILY, announced: SAMPLES_ONLY, pull: BY_DATE, records: ["sample"],
    metrics: ["readiness", "skin_temperature_deviation"],
  },
  { name: "daily_spo2", asked: "dates", scopes: ["spo2", "spo2Daily"], announced: SAMPLES_ONLY, pull: BY_DATE, metrics: ["spo2"], records: ["sample"] },
  {
    name: "daily_stress", asked: "dates", scopes: [], announced: SAMPLES_ONLY, pull: BY_DATE, records: ["sample"],
    metrics: ["stress_high_duration", "stress_recovery_duration"],
  },
  { name: "daily_resilience", asked: "dates", scopes: [], announced: SAMPLES_ONLY, pull: BY_DATE, metrics: ["resilience"], records: ["sample"] },
  {
    name: "daily_cardiovascular_age", asked: "dates", scopes: [], announced: SAMPLES_ONLY, pull: BY_DATE, records: ["sample"],
    metrics: ["vascular_age", "pulse_wave_velocity"],
  },
  { name: "vO2_max", asked: "dates", scopes: [], announced: SAMPLES_ONLY, pull: BY_DATE, metrics: ["vo2max"], records: ["sample"] },
  { name: "workout", asked: "dates", scopes: ["workout"], announced: { withdraws: "workout" }, pull: BY_DATE, metrics: [], records: ["workout"] },
  {
    name: "session", asked: "dates", scopes: ["session"], announced: { withdraws: "workout" }, pull: BY_DATE, records: ["workout", "sample"],
    metrics: ["heart_rate", "hrv_rmssd"],
  },
  { name: "enhanced_tag", asked: "dates", scopes: ["tag"], announced: { withdraws: "treatment" }, pull: BY_DATE, metrics: [], records: ["treatment"] },
  { name: "rest_mode_period", asked: "dates", scopes: DAILY, announced: { withdraws: "treatment" }, pull: BY_DATE, metrics: [], records: ["treatment"] },
  {
    name: "personal_info", asked: "single", scopes: ["personal"], metrics: ["weight", "height"], records: ["sample"],
    pull: { maxWindowMs: 365 * DAY_MS, backfillDays: 1, everySeconds: 86_400, overlapMs: 0 },
  },
  // The older list of the same tags under other ids: taking both would double them.
  { name: "tag", asked: "dates", scopes: ["tag"], metrics: [], records: ["treatment"] },
  { name: "sleep_time", asked: "dates", scopes: DAILY, metrics: [], records: [] },
  { name: "ring_configuration", asked: "pages", scopes: [], metrics: [], records: [] },
  { name: "ring_battery_level", asked: "instants", scopes: [], metrics: [], records: [] },
  { name: "interbeat_interval", asked: "instants", scopes: ["heartrate"], metrics: [], records: [] },
];

const byName = new Map(COLLECTIONS.map((collection) => [collection.name.toLowerCase(), collection]));

/** The collection of a path or a webhook's `data_type` (which spells `vO2_max` as `vo2_max`); null for an unknown one. */
export function collectionOf(name: string): Collection | null {
  return byName.get(name.toLowerCase()) ?? null;
}

export const RESOURCES: readonly Resource[] = COLLECTIONS.map(({ name, metrics, records, pull }) => ({
  name, format: "json", metrics, records, ...(pull ? { pull } : {}),
}));
