/** A person's datums as Tidepool has them. vendors/tidepool.md, Common fields and Datum types. */

import { HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Treatment } from "../people/glucose.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hashOf, uniformAt, uuidOf } from "../people/rng.ts";

/** Tidepool's factor; values are stored unrounded. */
const MG_DL_PER_MMOL_L = 18.01559;
const LOW = 40;
const HIGH = 400;

export interface SimDatum {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** All of the closed window, oldest first. */
export function datumsOf(context: CloudContext, person: Person, fromMs: number, toMs: number): SimDatum[] {
  const pump = basals(context, person, fromMs, toMs);
  const logged = context.given(person) ? [] : person.treatments(fromMs, toMs).flatMap((treatment) => written(context, person, treatment));
  const outings = person.workoutsBetween(fromMs, toMs).filter(({ startMs, elapsedSeconds }) => startMs >= fromMs && startMs <= toMs && startMs + elapsedSeconds * 1_000 <= context.now()).map((workout): SimDatum => ({
    ...common(context, person, workout.startMs, "physicalActivity"), activityType: workout.sport === "run" ? "running" : workout.sport === "ride" ? "cycling" : "walking",
    duration: { value: workout.elapsedSeconds / 60, units: "minutes" }, reportedIntensity: "medium",
  }));
  return [...readings(context, person, fromMs, toMs), ...sticks(context, person, fromMs, toMs), ...pump, ...logged, ...outings].toSorted((a, b) => String(a["time"]).localeCompare(String(b["time"])));
}

function common(context: CloudContext, person: Person, atMs: number, type: string): SimDatum {
  const offset = offsetMinutesAt(person.who.zone, atMs);
  return {
    type, id: uuidOf(context.seed, person.who.id, type, atMs).replaceAll("-", ""), time: new Date(atMs).toISOString(), timezoneOffset: offset,
    deviceTime: new Date(atMs + offset * MINUTE_MS).toISOString().slice(0, 19), deviceId: type === "cbg" ? `Dex_${person.who.cgm.generation}` : `pump_${person.who.id}`,
    uploadId: uuidOf(context.seed, person.who.id, "upload").replaceAll("-", ""), conversionOffset: 0, clockDriftOffset: 0, createdTime: new Date(atMs + 600_000).toISOString(), _userId: "not for others",
  };
}

function unitOf(context: CloudContext, dice: number): string {
  return context.position("spelling") === "several" && dice < 0.2 ? "mmol/l" : "mmol/L";
}

function readings(context: CloudContext, person: Person, fromMs: number, toMs: number): SimDatum[] {
  const key = hashOf(context.seed, person.who.id, "tidepool-cbg");
  return context.sensed(person, fromMs, toMs).map(({ atMs, mgDl, rate }) => {
    const isLow = mgDl < LOW;
    const isHigh = mgDl > HIGH;
    const shown = isLow ? LOW - 1 : isHigh ? HIGH + 1 : mgDl;
    return {
      ...common(context, person, atMs, "cbg"), units: unitOf(context, uniformAt(key, Math.floor(atMs / 1000))), value: shown / MG_DL_PER_MMOL_L, sampleInterval: 300_000,
      ...(rate === null ? {} : { trendRate: rate / MG_DL_PER_MMOL_L, trendRateUnits: "mmol/L/minute", trend: Math.abs(rate) < 1 ? "constant" : rate > 0 ? "slowRise" : "slowFall" }),
      ...(isLow || isHigh ? { annotations: [{ code: "bg/out-of-range", value: isLow ? "low" : "high", threshold: isLow ? LOW : HIGH }] } : {}),
    };
  });
}

/** A finger-stick now and then, some typed; ketones when glucose is very high. */
function sticks(context: CloudContext, person: Person, fromMs: number, toMs: number): SimDatum[] {
  const key = hashOf(context.seed, person.who.id, "tidepool-smbg");
  const isInside = ({ time }: SimDatum): boolean => Date.parse(String(time)) >= fromMs && Date.parse(String(time)) <= toMs;
  return context.sensed(person, fromMs - 2 * MINUTE_MS, toMs).flatMap(({ atMs, mgDl }): SimDatum[] => {
    const dice = uniformAt(key, Math.floor(atMs / 1000));
    if (dice > 0.004) return [];
    const stick: SimDatum = { ...common(context, person, atMs + 20_000, "smbg"), deviceId: "Contour_71", units: "mmol/L", value: Math.max(20, mgDl + 4) / MG_DL_PER_MMOL_L, ...(dice < 0.001 ? { subType: "manual" } : {}) };
    return dice < 0.002 ? [stick, { ...common(context, person, atMs + 60_000, "bloodKetone"), units: "mmol/L", value: Math.round(dice * 500) / 10 }] : [stick];
  }).filter(isInside);
}

/** A schedule by the hour; some hours suspended or at half rate. */
function basals(context: CloudContext, person: Person, fromMs: number, toMs: number): SimDatum[] {
  if (context.given(person)) return [];
  const datums: SimDatum[] = [];
  for (let atMs = Math.ceil(fromMs / HOUR_MS) * HOUR_MS; atMs <= toMs && atMs + HOUR_MS <= context.now(); atMs += HOUR_MS) {
    const hour = new Date(atMs).getUTCHours();
    const rate = hour >= 3 && hour < 8 ? 0.95 : 0.7;
    const dice = chanceOf(context.seed, person.who.id, "basal", atMs / HOUR_MS).next();
    const base = { ...common(context, person, atMs, "basal"), duration: HOUR_MS, scheduleName: "Standard" };
    if (dice < 0.02) datums.push({ ...base, deliveryType: "suspend", suppressed: { type: "basal", deliveryType: "scheduled", rate } });
    else if (dice < 0.06) datums.push({ ...base, deliveryType: "temp", percent: 0.5, ...(dice < 0.05 ? { rate: rate / 2 } : {}), suppressed: { type: "basal", deliveryType: "scheduled", rate } });
    else datums.push({ ...base, deliveryType: dice < 0.5 ? "automated" : "scheduled", rate });
  }
  return datums;
}

function written(context: CloudContext, person: Person, { kind, atMs, amount }: Treatment): SimDatum[] {
  const dice = chanceOf(context.seed, person.who.id, "tidepool-log", Math.floor(atMs / 1000), kind).next();
  if (kind === "carbs") {
    if (dice < 0.5) return [{ ...common(context, person, atMs, "wizard"), carbInput: Math.round(amount), carbUnits: "grams", units: "mmol/L", bolus: uuidOf(context.seed, person.who.id, "bolus", atMs).replaceAll("-", "") }];
    return [{ ...common(context, person, atMs, "food"), name: "Meal", meal: "other", nutrition: { carbohydrate: { net: Math.round(amount), units: "grams" } } }];
  }
  if (kind === "long") return [{ ...common(context, person, atMs, "insulin"), dose: { total: amount, units: "Units" }, formulation: { simple: { actingType: "long" } } }];
  if (kind !== "rapid") return [];
  const base = common(context, person, atMs, "bolus");
  if (dice < 0.1) return [{ ...base, subType: "square", extended: amount, duration: 2 * HOUR_MS }];
  if (dice < 0.2) return [{ ...base, subType: "dual/square", normal: amount / 2, extended: amount / 4, expectedExtended: amount / 2, duration: HOUR_MS, expectedDuration: 2 * HOUR_MS }];
  return [{ ...base, subType: dice < 0.3 ? "automated" : "normal", normal: amount }];
}
