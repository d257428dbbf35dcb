/** What a person noted, as text. */
import type { TreatmentRecord } from "#driver/records.ts";
import type { Moment, Place } from "./map-place.ts";
import { word } from "./schema.ts";

const LONGEST_TEXT = 500;

export interface Note {
  readonly kind: "note" | "health";
  readonly words: readonly unknown[];
  readonly moment: Moment | null;
  readonly path: string;
  readonly vendorId?: string | null;
}

/** Nothing for a note without words. */
export function addNote(place: Place, { kind, words, moment, path, vendorId = null }: Note): void {
  const text = words.map(word).filter((each) => each !== null).join(": ").slice(0, LONGEST_TEXT);
  if (text === "") return;
  if (!moment) return place.mapping.problem(`${place.path}${path}`, "no time, or one that cannot be");
  place.mapping.add({ ...baseOf(place, moment), kind, vendorId, text });
}

/** What each treatment of an object shares. */
export function baseOf(place: Place, moment: Moment): Pick<TreatmentRecord, "record" | "atMs" | "offsetMinutes" | "device"> {
  return { record: "treatment", atMs: moment.ms, offsetMinutes: moment.offsetMinutes, ...(place.device ? { device: place.device } : {}) };
}
