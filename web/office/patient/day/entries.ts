/** What a person entered, by the lane it is shown in. Amounts stand as they were entered: Islet computes none. */
import type { Formatter } from "#web/language/format.ts";
import type { Treatment } from "#web/client/types.ts";
import type { Translate } from "#web/portal/messages/translate.ts";
import { treatmentName } from "#web/portal/words.ts";
import type { LaneName } from "./layout.ts";

export type EntryLane = Extract<LaneName, "bolus" | "basal" | "carbohydrates" | "notes"> | "meter";

const LANE_OF: Readonly<Record<string, EntryLane>> = {
  insulin_rapid: "bolus", insulin_unspecified: "bolus", insulin_long: "basal", insulin_basal: "basal", carbohydrates: "carbohydrates", meter_glucose: "meter",
};

export interface Entry {
  readonly id: string;
  readonly lane: EntryLane;
  readonly atMs: number;
  /** Where it lasts, as a pump's basal rate. */
  readonly endMs: number | null;
  /** In its own unit; mg/dL of a meter. */
  readonly amount: number | null;
  /** Beside the mark: the amount alone. */
  readonly label: string;
  /** In a list or a table: what it is, how much, and what was written to it. */
  readonly text: string;
}

interface Telling {
  readonly t: Translate;
  readonly f: Formatter;
  /** What the organization calls a meal. */
  readonly mealOf: (meal: NonNullable<Treatment["meal"]>) => string;
}

/** Ascending in time. */
export function entriesOf(treatments: readonly Treatment[], { t, f, mealOf }: Telling): Entry[] {
  return treatments
    .map((treatment): Entry => {
      const { id, kind, amount, unit, text, meal } = treatment;
      const endMs = treatment.end === null ? null : Date.parse(treatment.end);
      // A finger-stick is glucose and follows the reader's unit.
      const label = amount === null ? "" : unit === "mg/dL" ? f.glucoseOfMgDl(amount) : f.amount(amount, unit);
      const parts = [t(treatmentName(kind)), label, meal ? mealOf(meal) : "", text ?? ""].filter(Boolean);
      return { id, lane: LANE_OF[kind] ?? "notes", atMs: Date.parse(treatment.at), endMs, amount, label, text: parts.join(" · ") };
    })
    .toSorted((a, b) => a.atMs - b.atMs);
}
