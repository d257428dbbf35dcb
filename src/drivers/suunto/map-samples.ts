/** Suunto's 24/7 entries → samples. Pure. The hot path of this driver: its fields are narrowed by hand. Source: vendors/suunto.md, 24/7 samples. */
import { ProviderContractBroken } from "#errors.ts";
import type { SamplePlace } from "#driver/payload.ts";
import { MINUTE_MS } from "#units/time.ts";
import { beatsPerMinute, kilocalories, numberAt, percent, placeOf, type MapJob } from "./map-place.ts";

/** An entry and what it holds, all unchecked. */
export interface Entry {
  readonly timestamp: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  /** Of the data. */
  readonly path: string;
  readonly timePath: string;
}

/**
 * The entries of a payload: the bare list, the `samples` of a notification, or one entry. What is none becomes a problem. Throws
 * ProviderContractBroken when there is no list.
 */
export function* entriesOf(payload: unknown, job: MapJob): Generator<Entry> {
  const { items, path } = listIn(payload);
  for (const [index, item] of items.entries()) {
    const at = path === null ? "" : `${path}/${index}`;
    const { timestamp, entryData } = (isObject(item) ? item : {}) as { timestamp?: unknown; entryData?: unknown };
    if (isObject(entryData)) yield { timestamp, data: entryData, path: `${at}/entryData`, timePath: `${at}/timestamp` };
    else job.mapping.problem(`${at}/entryData`, "missing or of the wrong type");
  }
}

function listIn(payload: unknown): { readonly items: readonly unknown[]; readonly path: string | null } {
  if (Array.isArray(payload)) return { items: payload, path: "" };
  if (isObject(payload)) {
    for (const name of ["samples", "payload"]) {
      const list = payload[name];
      if (Array.isArray(list)) return { items: list, path: `/${name}` };
    }
    if ("entryData" in payload) return { items: [payload], path: null };
  }
  throw new ProviderContractBroken("A payload of Suunto 24/7 data holds no list of entries.", "");
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Entries come about every ten minutes and say what was in them; where one begins and ends is not told. */
const ACTIVITY_MS = 10 * MINUTE_MS;
const RECOVERY_MS = 30 * MINUTE_MS;

/** Heart rate, steps, energy, oxygen and heart-rate variability of each ten minutes. Recordings spell the names in two ways. */
export function mapActivity(payload: unknown, job: MapJob): void {
  const { mapping } = job;
  for (const { timestamp, data, path, timePath } of entriesOf(payload, job)) {
    const place = placeOf(timestamp, timePath, job);
    if (!place) continue;
    const span: SamplePlace = { ...place, endMs: place.startMs + ACTIVITY_MS };
    const read = (name: string, other: string): number | null => numberAt(data[name] ?? data[other], `${path}/${name}`, job);
    mapping.sample("heart_rate", beatsPerMinute(read("HR", "hr")), place, `${path}/HR`);
    mapping.sample("steps", read("StepCount", "stepCount"), span, `${path}/StepCount`);
    mapping.sample("calories_total", kilocalories(read("EnergyConsumption", "energyConsumption")), span, `${path}/EnergyConsumption`);
    mapping.sample("spo2", percent(positive(read("SpO2", "spo2"))), place, `${path}/SpO2`);
    mapping.sample("hrv_rmssd", positive(read("HRV", "hrv")), place, `${path}/HRV`);
    const range = data["HRExt"] ?? data["hrExt"];
    if (!isObject(range)) continue;
    mapping.sample("heart_rate_min", beatsPerMinute(numberAt(range["Min"] ?? range["min"], `${path}/HRExt/Min`, job)), span, `${path}/HRExt/Min`);
    mapping.sample("heart_rate_max", beatsPerMinute(numberAt(range["Max"] ?? range["max"], `${path}/HRExt/Max`, job)), span, `${path}/HRExt/Max`);
  }
}

/** 0 means that nothing was measured. */
const positive = (value: number | null): number | null => (value !== null && value > 0 ? value : null);

/** Body resources, 0–1. StressState is a category (0 invalid, 1 relaxing, 2 active, 3 passive, 4 stressful) and no number of 0–100. */
export function mapRecovery(payload: unknown, job: MapJob): void {
  for (const { timestamp, data, path, timePath } of entriesOf(payload, job)) {
    const place = placeOf(timestamp, timePath, job);
    if (!place) continue;
    const balance = percent(numberAt(data["Balance"] ?? data["balance"], `${path}/Balance`, job));
    job.mapping.sample("recovery", balance, { ...place, endMs: place.startMs + RECOVERY_MS }, `${path}/Balance`);
  }
}
