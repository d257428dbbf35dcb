/** Workouts with what was sampled in them. Source: vendors/terra.md, Activity. */
import type { WorkoutLap, WorkoutRecord } from "#driver/records.ts";
import { addOxygen } from "./map-oxygen.ts";
import { addHeart, addOver, addSeries, momentOf, positive, stretchOf, type Place, type Stretch } from "./map-place.ts";
import { sportOf } from "./map-sport.ts";
import { at, list, number, word, type Fields, type Item } from "./schema.ts";

/** Upload types of the metadata. */
const MANUAL = 2;
const DELETED = 4;
const KILOJOULES_PER_KILOCALORIE = 4.184;

export function mapActivity(place: Place, item: Item): void {
  const id = word(item.metadata["summary_id"]);
  if (number(item.metadata["upload_type"]) === DELETED) {
    if (id) place.mapping.add({ record: "withdrawal", of: "workout", vendorId: id });
    return;
  }
  const outing = stretchOf(place, item, false);
  if (!outing) return;
  const [distance, movement, power] = [at(item, "distance_data", "summary"), at(item, "movement_data"), at(item, "power_data")];
  const heart = at(item, "heart_rate_data", "summary");
  const pace = positive(movement["avg_pace_minutes_per_kilometer"]);
  const type = number(item.metadata["type"]);
  const figures: Record<string, number | null> = {
    activeS: positive(at(item, "active_durations_data")["activity_seconds"]), distanceM: positive(distance["distance_meters"]),
    energyKcal: energyOf(item), averageHeartRate: positive(heart["avg_hr_bpm"]), maxHeartRate: positive(heart["max_hr_bpm"]),
    averageSpeedMS: positive(movement["avg_speed_meters_per_second"]), maxSpeedMS: positive(movement["max_speed_meters_per_second"]), averagePaceSKm: pace === null ? null : pace * 60,
    averagePowerW: positive(power["avg_watts"]), maxPowerW: positive(power["max_watts"]), averageCadence: positive(movement["avg_cadence_rpm"]),
    elevationGainM: positive(at(distance, "elevation")["gain_actual_meters"]), steps: positive(distance["steps"]),
  };
  const zones = list(heart["hr_zone_data"]).toSorted((a, b) => (number(a["zone"]) ?? 0) - (number(b["zone"]) ?? 0)).map((zone) => number(zone["duration_seconds"]));
  const laps = list(at(item, "lap_data")["laps"]).flatMap((lap) => lapOf(place, lap));
  const title = word(item.metadata["name"]);
  place.mapping.add({
    record: "workout", vendorId: id, startMs: outing.start.ms, endMs: outing.endMs, offsetMinutes: outing.start.offsetMinutes, sport: sportOf(type),
    ...(type === null ? {} : { vendorSport: String(type) }), ...(title ? { title: title.slice(0, 200) } : {}),
    ...(Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== null && value < 1e7)) as Partial<WorkoutRecord>),
    ...(laps.length > 0 ? { laps } : {}),
    ...(zones.length > 0 && zones.every((seconds): seconds is number => seconds !== null && seconds >= 0) ? { heartRateZonesS: zones } : {}),
    ...(number(item.metadata["upload_type"]) === MANUAL ? { isManual: true } : {}), ...(place.device ? { device: place.device } : {}),
  });
  addSamples(place, item, outing);
}

/** What moving cost, else what the whole time cost. */
function energyOf(item: Item): number | null {
  const calories = at(item, "calories_data");
  const kilojoules = positive(at(item, "energy_data")["energy_kilojoules"]);
  return positive(calories["net_activity_calories"]) ?? positive(calories["total_burned_calories"]) ?? (kilojoules === null ? null : kilojoules / KILOJOULES_PER_KILOCALORIE);
}

function addSamples(place: Place, item: Item, outing: Stretch): void {
  const [movement, power] = [at(item, "movement_data"), at(item, "power_data")];
  addHeart(place, { detailed: at(item, "heart_rate_data", "detailed") }, null, "/heart_rate_data");
  const series = (metric: "speed" | "power" | "cadence" | "altitude", from: { readonly list: unknown; readonly path: string; readonly field: string; readonly least: number }): void =>
    addSeries(place, metric, list(from.list), { path: from.path, valueOf: (sample) => ((number(sample[from.field]) ?? from.least - 1) < from.least ? null : number(sample[from.field])) });
  series("speed", { list: movement["speed_samples"], path: "/movement_data/speed_samples", field: "speed_meters_per_second", least: 0 });
  series("cadence", { list: movement["cadence_samples"], path: "/movement_data/cadence_samples", field: "cadence_rpm", least: 0 });
  series("power", { list: power["power_samples"], path: "/power_data/power_samples", field: "watts", least: 0 });
  series("altitude", { list: at(item, "distance_data", "detailed")["elevation_samples"], path: "/distance_data/detailed/elevation_samples", field: "elev_meters", least: -500 });
  addOxygen(place, item, outing);
  addOver(place, "strain", positive(at(item, "strain_data")["strain_level"]), { over: outing, path: "/strain_data/strain_level" });
  const load = list(at(item, "TSS_data")["TSS_samples"]).map((sample) => positive(sample["actual"])).find((actual) => actual !== null);
  addOver(place, "training_load", load ?? null, { over: outing, path: "/TSS_data/TSS_samples" });
}

function lapOf(place: Place, lap: Fields): WorkoutLap[] {
  const [start, end] = [momentOf(lap["start_time"], place), momentOf(lap["end_time"], place)];
  const [distanceM, averageHeartRate] = [positive(lap["distance_meters"]), positive(lap["avg_hr_bpm"])];
  if (!start) return [];
  return [{ startMs: start.ms, ...(end && end.ms > start.ms ? { endMs: end.ms } : {}), ...(distanceM === null ? {} : { distanceM }), ...(averageHeartRate === null ? {} : { averageHeartRate }) }];
}
