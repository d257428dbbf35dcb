/** Alarms that the readings set off. vendors/dexcom.md, alerts record. */

import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { recordIds, transmitterOf } from "./readings.ts";
import { timesOf } from "./times.ts";

export const LIMITS = { urgentLow: 55, low: 70, high: 250 } as const;
const SNOOZE_MS = 30 * MINUTE_MS;

interface Alarm {
  readonly atMs: number;
  readonly alertName: string;
  readonly alertState: "activeAlarming" | "activeSnoozed" | "inactive";
}

interface Active {
  readonly name: string;
  readonly sinceMs: number;
}

export function alertRecords(context: CloudContext, person: Person, fromMs: number, toMs: number): object[] {
  const makeId = recordIds(context, person, "alert");
  // Begun earlier, so that an alarm under way at the start of the window is not taken for a new one.
  const readings = context.sensed(person, fromMs - 6 * HOUR_MS, toMs);
  const alarms: Alarm[] = [];
  let active = null as Active | null;
  let lastMs = readings[0]?.atMs ?? 0;
  for (const { atMs, mgDl } of readings) {
    const name = mgDl < LIMITS.urgentLow ? "urgentLow" : mgDl < LIMITS.low ? "low" : mgDl > LIMITS.high ? "high" : null;
    if (atMs - lastMs > 20 * MINUTE_MS) alarms.push({ atMs: lastMs + 20 * MINUTE_MS, alertName: "noReadings", alertState: "activeAlarming" });
    lastMs = atMs;
    if (active && active.name !== name) alarms.push({ atMs, alertName: active.name, alertState: "inactive" });
    if (name && active?.name !== name) alarms.push({ atMs, alertName: name, alertState: "activeAlarming" });
    if (name && active?.name === name && atMs - active.sinceMs >= SNOOZE_MS && atMs - active.sinceMs < SNOOZE_MS + 5 * MINUTE_MS) {
      alarms.push({ atMs, alertName: name, alertState: "activeSnoozed" });
    }
    if (name !== active?.name) active = name ? { name, sinceMs: atMs } : null;
  }
  const { cgm } = person.who;
  return alarms.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).map(({ atMs, alertName, alertState }) => ({
    recordId: makeId(atMs, `${alertName}-${alertState}`),
    ...timesOf(context, person, atMs),
    alertName,
    alertState,
    displayDevice: cgm.displayDevice,
    displayApp: cgm.displayApp,
    transmitterGeneration: cgm.generation,
    transmitterId: transmitterOf(context, person, atMs),
  }));
}
