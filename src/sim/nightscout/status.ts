/** What a site says of itself, and what has no time of its own. vendors/nightscout.md, Identity. */

import { formatInstant, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hexOf } from "../people/rng.ts";
import { BASAL_UNITS_PER_HOUR } from "./loop.ts";
import { unitsOf } from "./site.ts";

export const VERSION = "15.0.7";

/** Units are those of the display: `sgv` never follows them. */
export function settingsOf(person: Person): object {
  return { units: unitsOf(person), timeFormat: 24, thresholds: { bgHigh: 260, bgTargetTop: 180, bgTargetBottom: 80, bgLow: 55 }, enable: ["careportal", "iob", "cob"] };
}

export function profileOf(context: CloudContext, person: Person): Record<string, unknown> {
  const startMs = Date.parse(`${person.who.cgm.since}T00:00:00Z`);
  const at = (value: number): object[] => [{ time: "00:00", value, timeAsSeconds: 0 }];
  return {
    _id: hexOf(24, context.seed, "nightscout", "profile", person.who.id), defaultProfile: "Weekday", startDate: formatInstant(startMs),
    created_at: formatInstant(startMs), mills: String(startMs), units: unitsOf(person),
    store: {
      Weekday: {
        dia: 5, timezone: person.who.zone, units: unitsOf(person), carbs_hr: 20, delay: 20, sens: at(person.who.metabolism.dropMgDlPerUnit),
        carbratio: at(person.who.metabolism.carbRatioGramsPerUnit), basal: at(BASAL_UNITS_PER_HOUR), target_low: at(90), target_high: at(110),
      },
    },
  };
}

export function deviceStatus(context: CloudContext, person: Person): Record<string, unknown> {
  const atMs = Math.floor(context.now() / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
  return {
    _id: hexOf(24, context.seed, "nightscout", "devicestatus", person.who.id, atMs), device: "phone", created_at: formatInstant(atMs), utcOffset: 0,
    uploader: { battery: 20 + (Math.floor(atMs / MINUTE_MS) % 80) },
  };
}
