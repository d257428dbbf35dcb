/** Sleeps with their stages. Source: vendors/terra.md, Sleep: hypnogram points last until the next one. */
import type { SleepRecord, SleepStage, SleepStageName } from "#driver/records.ts";
import { bloodOf } from "./map-oxygen.ts";
import { addHeart, addMean, addOver, addSeries, momentOf, positive, stretchOf, type Place, type Stretch } from "./map-place.ts";
import { at, list, number, word, type Fields, type Item } from "./schema.ts";

const STAGES: Readonly<Record<number, SleepStageName>> = { 0: "unmeasurable", 1: "awake", 2: "asleep", 3: "awake", 4: "light", 5: "deep", 6: "rem" };
const MOST_SECONDS = 172_800;

export function mapSleep(place: Place, item: Item): void {
  const night = stretchOf(place, item, false);
  if (!night) return;
  const durations = at(item, "sleep_durations_data");
  const stages = stagesOf(place, list(durations["hypnogram_samples"]), night);
  const efficiency = positive(durations["sleep_efficiency"]);
  const score = positive(at(item, "scores")["sleep"]) ?? positive(at(item, "data_enrichment")["sleep_score"]);
  place.mapping.add({
    record: "sleep", vendorId: word(item.metadata["summary_id"]), startMs: night.start.ms, endMs: night.endMs, offsetMinutes: night.start.offsetMinutes, isNap: item.metadata["is_nap"] === true,
    stages, totals: totalsOf(durations, stages),
    // A share in some older payloads, percent in the documents.
    ...(efficiency !== null && efficiency <= 100 ? { efficiencyPercent: efficiency <= 1 ? efficiency * 100 : efficiency } : {}),
    ...(score !== null && score <= 100 ? { score } : {}),
    ...(place.device ? { device: place.device } : {}),
  });
  addSamples(place, item, night);
}

/** A vendor that knows no stages comes through with 0 of each, and one that knows no sleep with 0 of all: absent, not 0. */
function totalsOf(durations: Fields, stages: readonly SleepStage[]): SleepRecord["totals"] {
  const [asleep, awake, other] = ["asleep", "awake", "other"].map((name) => at(durations, name));
  const seconds = (from: Fields | undefined, field: string): number | null => {
    const value = number(from?.[field]);
    return value !== null && value >= 0 && value <= MOST_SECONDS ? value : null;
  };
  const parts = {
    deepS: seconds(asleep, "duration_deep_sleep_state_seconds"), lightS: seconds(asleep, "duration_light_sleep_state_seconds"), remS: seconds(asleep, "duration_REM_sleep_state_seconds"),
  };
  const isStaged = Object.values(parts).some((value) => value !== null && value > 0) || stages.some(({ stage }) => stage === "deep" || stage === "light" || stage === "rem");
  const asleepS = seconds(asleep, "duration_asleep_state_seconds");
  const isTold = asleepS !== 0 || stages.length > 0;
  const totals = {
    asleepS: isTold ? asleepS : null, ...(isStaged ? parts : {}), awakeS: isTold || isStaged ? seconds(awake, "duration_awake_state_seconds") : positive(seconds(awake, "duration_awake_state_seconds")),
    inBedS: positive(seconds(other, "duration_in_bed_seconds")),
  };
  return Object.fromEntries(Object.entries(totals).filter(([, value]) => value !== null));
}

function addSamples(place: Place, item: Item, night: Stretch): void {
  addHeart(place, at(item, "heart_rate_data"), night, "/heart_rate_data");
  const breaths = at(item, "respiration_data", "breaths_data");
  const oxygen = at(item, "respiration_data", "oxygen_saturation_data");
  const [breathSamples, oxygenSamples] = [list(breaths["samples"]), list(oxygen["samples"])];
  addSeries(place, "respiration_rate", breathSamples, { path: "/respiration_data/breaths_data/samples", valueOf: ({ breaths_per_min: value }) => positive(value) });
  addSeries(place, "spo2", oxygenSamples, { path: "/respiration_data/oxygen_saturation_data/samples", valueOf: bloodOf });
  // The night's mean where nothing was sampled.
  if (breathSamples.length === 0) addMean(place, "respiration_rate", positive(breaths["avg_breaths_per_min"]), { of: night, path: "/respiration_data/breaths_data/avg_breaths_per_min" });
  if (oxygenSamples.length === 0) addMean(place, "spo2", positive(oxygen["avg_saturation_percentage"]), { of: night, path: "/respiration_data/oxygen_saturation_data/avg_saturation_percentage" });
  addOver(place, "skin_temperature_deviation", number(at(item, "temperature_data")["delta"]), { over: night, path: "/temperature_data/delta" });
  addOver(place, "readiness", positive(at(item, "readiness_data")["readiness"]), { over: night, path: "/readiness_data/readiness" });
  addOver(place, "recovery", positive(at(item, "readiness_data")["recovery_level"]), { over: night, path: "/readiness_data/recovery_level" });
}

/** In order, within the night, equal neighbours as one. */
function stagesOf(place: Place, points: readonly Fields[], night: Stretch): SleepStage[] {
  const known = points.flatMap((point) => {
    const moment = momentOf(point["timestamp"], place);
    const stage = STAGES[number(point["level"]) ?? -1];
    return moment && stage ? [{ ms: moment.ms, stage }] : [];
  }).toSorted((a, b) => a.ms - b.ms);
  const stages: SleepStage[] = [];
  known.forEach(({ ms, stage }, index) => {
    const startMs = Math.max(ms, night.start.ms);
    const endMs = Math.min(known[index + 1]?.ms ?? night.endMs, night.endMs);
    if (endMs <= startMs) return;
    const last = stages.at(-1);
    if (last?.stage === stage && last.endMs === startMs) stages[stages.length - 1] = { ...last, endMs };
    else stages.push({ stage, startMs, endMs });
  });
  return stages;
}
