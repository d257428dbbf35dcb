/** Oxygen in the blood, and how much of it a person can use. Source: vendors/terra.md, OxygenData. */
import { addMean, addSeries, positive, type Place, type Stretch } from "./map-place.ts";
import { at, list, number, type Fields, type Item } from "./schema.ts";

/** Blood alone; what muscles hold (type 1) is another thing, and a mean beside it is not known to be of blood. */
export function addOxygen(place: Place, item: Item, of: Stretch | null): void {
  const oxygen = at(item, "oxygen_data");
  const [saturation, capacity] = [list(oxygen["saturation_samples"]), list(oxygen["vo2_samples"])];
  addSeries(place, "spo2", saturation, { path: "/oxygen_data/saturation_samples", valueOf: bloodOf });
  if (saturation.length === 0) addMean(place, "spo2", positive(oxygen["avg_saturation_percentage"]), { of, path: "/oxygen_data/avg_saturation_percentage" });
  addSeries(place, "vo2max", capacity, { path: "/oxygen_data/vo2_samples", valueOf: (sample) => positive(sample["vo2max_ml_per_min_per_kg"]) });
  if (capacity.length > 0) return;
  const field = positive(oxygen["vo2max_ml_per_min_per_kg"]) === null ? "day_avg_vo2max_ml_per_min_per_kg" : "vo2max_ml_per_min_per_kg";
  addMean(place, "vo2max", positive(oxygen[field]), { of: of && { ...of, isDay: false }, path: `/oxygen_data/${field}` });
}

export function bloodOf({ percentage, type }: Fields): number | null {
  return number(type) === 1 ? null : positive(percentage);
}
