/** Finger-sticks to calibrate: a G6 worn with one now and then, later generations hardly ever. vendors/dexcom.md, calibrations record. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt } from "../people/rng.ts";
import { recordIds, ticksOf, transmitterOf } from "./readings.ts";
import { timesOf } from "./times.ts";

interface Calibration {
  readonly atMs: number;
  readonly mgDl: number;
}

/** Of the closed window, oldest first. */
export function calibrationsBetween(context: CloudContext, person: Person, fromMs: number, toMs: number): Calibration[] {
  if (context.given(person)) return [];
  const chanceADay = person.who.cgm.generation === "g6" ? 0.35 : 0.04;
  const key = hashOf(context.seed, person.who.id, "calibration");
  const found: Calibration[] = [];
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS <= toMs; day++) {
    const atMs = day * DAY_MS + Math.floor(uniformAt(key + 1, day) * (DAY_MS / 1000)) * 1000;
    if (uniformAt(key, day) > chanceADay || atMs < fromMs || atMs > toMs) continue;
    const near = context.sensed(person, atMs - 10 * MINUTE_MS, atMs).at(-1);
    if (near) found.push({ atMs, mgDl: Math.round(near.mgDl * (0.94 + 0.12 * uniformAt(key + 2, day))) });
  }
  return found;
}

export function calibrationRecords(context: CloudContext, person: Person, fromMs: number, toMs: number): object[] {
  const makeId = recordIds(context, person, "calibration");
  return calibrationsBetween(context, person, fromMs, toMs).map(({ atMs, mgDl }) => ({
    recordId: makeId(atMs),
    ...timesOf(context, person, atMs),
    unit: "mg/dL",
    value: mgDl,
    displayDevice: person.who.cgm.displayDevice,
    transmitterId: transmitterOf(context, person, atMs),
    transmitterTicks: ticksOf(context, person, atMs),
    transmitterGeneration: person.who.cgm.generation,
  }));
}
