/** Body and vital signs: weighings, blood pressure, stress, oxygen, breathing, HRV, skin, snapshots. Pure. Source: vendors/garmin.md. */
import type { SamplePlace } from "#driver/payload.ts";
import type { MetricName } from "#units/metrics.ts";
import * as schema from "../schema.ts";
import {
  addOffsetSamples, isNotNegative, isObject, isPositive, isSpo2, isStress, measured, measuredAt, spanOf, startOf,
  type IsValue, type MapJob, type Start, type Summary,
} from "./place.ts";

const MINUTE_S = 60;

const grams = (value: number | null | undefined): number | null => {
  const known = measured(value);
  return known === null ? null : known / 1000;
};

/** Nothing of a body weighs 0: that means not measured. */
export function mapBodyComposition({ value, path }: Summary, job: MapJob): void {
  const { mapping } = job;
  const body = mapping.item(schema.bodyComposition, value, path);
  const place = body && measuredAt(body, path, job);
  if (!body || !place) return;
  mapping.sample("weight", grams(body.weightInGrams), place, `${path}/weightInGrams`);
  mapping.sample("muscle_mass", grams(body.muscleMassInGrams), place, `${path}/muscleMassInGrams`);
  mapping.sample("bone_mass", grams(body.boneMassInGrams), place, `${path}/boneMassInGrams`);
  mapping.sample("body_water", measured(body.bodyWaterInPercent), place, `${path}/bodyWaterInPercent`);
  mapping.sample("body_fat", measured(body.bodyFatInPercent), place, `${path}/bodyFatInPercent`);
  mapping.sample("bmi", measured(body.bodyMassIndex), place, `${path}/bodyMassIndex`);
}

export function mapBloodPressure({ value, path }: Summary, job: MapJob): void {
  const { mapping } = job;
  const reading = mapping.item(schema.bloodPressure, value, path);
  const at = reading && measuredAt(reading, path, job);
  if (!reading || !at) return;
  const place: SamplePlace = reading.sourceType?.toUpperCase() === "MANUAL" ? { ...at, flags: ["manual"] } : at;
  mapping.sample("blood_pressure_systolic", measured(reading.systolic), place, `${path}/systolic`);
  mapping.sample("blood_pressure_diastolic", measured(reading.diastolic), place, `${path}/diastolic`);
  mapping.sample("heart_rate", measured(reading.pulse), place, `${path}/pulse`);
}

/** Stress every three minutes (signs for "no value" are never stress) and Body Battery. */
export function mapStressDetails({ value, path }: Summary, job: MapJob): void {
  const detail = job.mapping.item(schema.stressDetail, value, path);
  const start = detail && startOf(detail, path, job);
  if (!detail || !start) return;
  addOffsetSamples(
    job, { metric: "stress", isValue: isStress, path: `${path}/timeOffsetStressLevelValues` },
    detail.timeOffsetStressLevelValues, start,
  );
  addOffsetSamples(
    job, { metric: "body_battery", isValue: isNotNegative, path: `${path}/timeOffsetBodyBatteryValues` },
    detail.timeOffsetBodyBatteryValues, start,
  );
}

export function mapPulseOx({ value, path }: Summary, job: MapJob): void {
  const reading = job.mapping.item(schema.pulseOx, value, path);
  const start = reading && startOf(reading, path, job);
  if (!reading || !start) return;
  addOffsetSamples(job, { metric: "spo2", isValue: isSpo2, path: `${path}/timeOffsetSpo2Values` }, reading.timeOffsetSpo2Values, start);
}

export function mapRespiration({ value, path }: Summary, job: MapJob): void {
  const reading = job.mapping.item(schema.respiration, value, path);
  const start = reading && startOf(reading, path, job);
  if (!reading || !start) return;
  addOffsetSamples(
    job, { metric: "respiration_rate", isValue: isPositive, path: `${path}/timeOffsetEpochToBreaths` },
    reading.timeOffsetEpochToBreaths, start,
  );
}

/** RMSSD every five minutes; and the night's average, at its start and marked as the vendor's own total. */
export function mapHrv({ value, path }: Summary, job: MapJob): void {
  const night = job.mapping.item(schema.heartRateVariability, value, path);
  const start = night && startOf(night, path, job);
  if (!night || !start) return;
  addOffsetSamples(job, { metric: "hrv_rmssd", isValue: isPositive, path: `${path}/hrvValues` }, night.hrvValues, start);
  job.mapping.sample("hrv_rmssd", measured(night.lastNightAvg), { ...start, flags: ["day_total"] }, `${path}/lastNightAvg`);
}

/** A signed deviation from the person's own baseline, never a temperature. */
export function mapSkinTemperature({ value, path }: Summary, job: MapJob): void {
  const night = job.mapping.item(schema.skinTemperature, value, path);
  const start = night && startOf(night, path, job);
  if (!night || !start) return;
  // A night without its length still has its value: it is given to the first minute.
  const span = spanOf(start, night.durationInSeconds ?? MINUTE_S, path, job);
  if (!span) return;
  const place: SamplePlace = { ...start, endMs: span.toMs };
  job.mapping.sample("skin_temperature_deviation", night.avgDeviationCelsius, place, `${path}/avgDeviationCelsius`);
}

const SNAPSHOT_METRICS: Readonly<Record<string, { readonly metric: MetricName; readonly isValue: IsValue }>> = {
  heart_rate: { metric: "heart_rate", isValue: isPositive },
  respiration: { metric: "respiration_rate", isValue: isPositive },
  stress: { metric: "stress", isValue: isStress },
  spo2: { metric: "spo2", isValue: isSpo2 },
  rmssd_hrv: { metric: "hrv_rmssd", isValue: isPositive },
  sdrr_hrv: { metric: "hrv_sdnn", isValue: isPositive },
};

/** A session of two minutes: the values in it, or the average at its start where only that is given (both kinds of HRV). */
export function mapHealthSnapshot({ value, path }: Summary, job: MapJob): void {
  const { mapping } = job;
  const snapshot = mapping.item(schema.healthSnapshot, value, path);
  const start = snapshot && startOf(snapshot, path, job);
  if (!snapshot || !start) return;
  for (const [index, item] of (snapshot.summaries ?? []).entries()) mapPart(item, `${path}/summaries/${index}`, start);

  function mapPart(item: unknown, partPath: string, at: Start): void {
    const part = mapping.item(schema.snapshotPart, item, partPath);
    const name = part?.summaryType.toLowerCase() ?? "";
    const known = Object.hasOwn(SNAPSHOT_METRICS, name) ? SNAPSHOT_METRICS[name] : undefined;
    if (!part || !known) return;
    if (isObject(part.epochSummaries) && Object.keys(part.epochSummaries).length > 0) {
      addOffsetSamples(job, { ...known, path: `${partPath}/epochSummaries` }, part.epochSummaries, at);
    } else {
      mapping.sample(known.metric, measured(part.avgValue, known.isValue), at, `${partPath}/avgValue`);
    }
  }
}
