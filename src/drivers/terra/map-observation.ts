/** Symptoms, moods, medication and the like, which people log: kept as text. Source: vendors/terra.md, HealthObservation. */
import { addNote } from "./map-note.ts";
import { momentOf, type Place } from "./map-place.ts";
import { at, list, number, word, type Fields, type Item } from "./schema.ts";

/** Categories: symptom, state of mind. */
const OF_HEALTH = [1, 6];
const SEVERITIES: Readonly<Record<number, string>> = { 2: "mild", 3: "moderate", 4: "severe" };
const NOT_PRESENT = 1;
const ENTERED_IN_ERROR = 3;

export function mapObservation(place: Place, item: Item): void {
  const observed = at(item, "observation_data");
  const vendorId = word(item.metadata["summary_id"]);
  if (number(observed["status"]) === ENTERED_IN_ERROR) {
    if (vendorId) place.mapping.add({ record: "withdrawal", of: "treatment", vendorId });
    return;
  }
  if (number(observed["severity"]) === NOT_PRESENT) return;
  const what = word(list(observed["codes"])[0]?.["display"]) ?? word(observed["observation_type"])?.replaceAll("_", " ");
  const found = [valueOf(at(observed, "value")), SEVERITIES[number(observed["severity"]) ?? 0] ?? null, ...list(observed["components"]).map((part) => join([word(part["code"]), valueOf(at(part, "value"))], " "))];
  addNote(place, {
    kind: OF_HEALTH.includes(number(observed["category"]) ?? 0) ? "health" : "note", words: [what, join(found, ", "), observed["notes"]],
    moment: momentOf(item.metadata.start_time, place), path: "/metadata/start_time", vendorId,
  });
}

function valueOf(value: Fields): string | null {
  const quantity = number(value["quantity"]);
  if (quantity !== null) return join([String(quantity), word(value["unit"])], " ");
  if (typeof value["boolean"] === "boolean") return value["boolean"] ? "yes" : "no";
  return word(value["text"]) ?? word(value["code"]);
}

function join(words: readonly (string | null)[], between: string): string | null {
  return word(words.filter((each) => each !== null).join(between));
}
