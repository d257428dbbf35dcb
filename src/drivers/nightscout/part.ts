/** One thing that a row of treatments tells of; a row may tell of several (a meal and its insulin). */
import type { TreatmentKind } from "#driver/records.ts";
import type { TreatmentRow } from "./map-row.ts";

export type PartName = "insulin" | "extended" | "carbs" | "glucose" | "basal" | "exercise" | "note";

export interface Part {
  readonly source: TreatmentRow;
  readonly part: PartName;
  readonly kind: TreatmentKind;
  readonly atMs: number;
  readonly endMs?: number;
  readonly amount?: number;
  readonly text?: string;
}

export const PART_NAMES: readonly PartName[] = ["insulin", "extended", "carbs", "glucose", "basal", "exercise", "note"];

/** Id of the record that a part becomes: the row may lose or gain other parts later. */
export function vendorIdOf(source: TreatmentRow, part: PartName): string {
  return `${source.key}/${part}`;
}
