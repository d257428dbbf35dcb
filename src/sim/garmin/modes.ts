/** What can be chosen of Garmin's cloud: delivery by type, as its portal has it, and where the sources conflict. vendors/garmin.md. */

import type { CloudContext, Switch } from "../cloud.ts";
import type { GarminMode, GarminType } from "./types.ts";
import { GARMIN_TYPES } from "./types.ts";

export const GARMIN_SWITCHES: readonly Switch[] = [
  ...GARMIN_TYPES.map((type) => ({ name: nameOf(type), label: `Delivery of ${type.key}`, positions: type.modes, initial: type.modes[0] })),
  // The documents say 90 days for health types and 30 for activities; the vendor's support was heard to say 30 for all.
  { name: "backfillWindow", label: "Longest back-fill window", positions: ["by type", "30 days"], initial: "by type" },
  // The current text speaks of a month before the first connection, older guidance of two and five years.
  { name: "backfillHistory", label: "How far back a back-fill reaches", positions: ["years", "one month"], initial: "years" },
  // 100 with an evaluation key.
  { name: "backfillDaysPerMinute", label: "Days of back-fill in a minute", positions: { least: 0, most: 999_999_999 }, initial: "10000" },
  { name: "permissionsAfterSeconds", label: "Seconds from the consent until the permissions are told", positions: { least: 0, most: 3600 }, initial: "0" },
  // One body may hold several people.
  { name: "bodies", label: "Summaries in one body", positions: ["of one person", "of everybody"], initial: "of one person" },
];

function nameOf(type: GarminType): string {
  return `delivery.${type.key}`;
}

export function modeOf(context: CloudContext, type: GarminType): GarminMode {
  const position = context.position(nameOf(type));
  return type.modes.find((mode) => mode === position) ?? type.modes[0];
}

export function longestWindowDays(context: CloudContext, type: GarminType): number {
  return context.position("backfillWindow") === "by type" ? type.windowDays : Math.min(30, type.windowDays);
}
