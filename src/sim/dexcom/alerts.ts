/** Alarms that the readings set off. vendors/dexcom.md, alerts record. */

import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import type { Sensed } from "../series.ts";
import { recordIds, transmitterOf } from "./readings.ts";
import { timesOf } from "./times.ts";

export const LIMITS = { urgentLow: 55, low: 70, high: 250 } as const;
const SNOOZE_MS = 30 * MINUTE_MS;

/** mg/dL a minute. */
const FAST_RATE = 2;
/** How far ahead a low is foreseen. */
const FORESEEN_MINUTES = 20;
const SILENCE_MS = 20 * MINUTE_MS;

interface Alarm {
  readonly atMs: number;
  readonly alertName: string;
  readonly alertState: "activeAlarming" | "activeSnoozed" | "inactive";
}

interface Active {
  readonly name: string;
  readonly sinceMs: number;
}

/** Receivers have words of their own for two of the alarms. */
interface Names {
  readonly urgentLow: string;
  readonly silence: string;
}

const levelOf = ({ mgDl }: Sensed, { urgentLow }: Names): string | null =>
  mgDl < LIMITS.urgentLow ? urgentLow : mgDl < LIMITS.low ? "low" : mgDl > LIMITS.high ? "high" : null;

function courseOf({ mgDl, rate }: Sensed): string | null {
  if (rate === null) return null;
  if (mgDl >= LIMITS.urgentLow && mgDl + rate * FORESEEN_MINUTES < LIMITS.urgentLow) return "urgentLowSoon";
  return rate >= FAST_RATE ? "rise" : rate <= -FAST_RATE ? "fall" : null;
}

/** One kind of alarm over the readings: it begins, is snoozed, ends. */
function alarmsOf(readings: readonly Sensed[], nameOf: (reading: Sensed) => string | null): Alarm[] {
  const alarms: Alarm[] = [];
  let active = null as Active | null;
  for (const reading of readings) {
    const { atMs } = reading;
    const name = nameOf(reading);
    if (active && active.name !== name) alarms.push({ atMs, alertName: active.name, alertState: "inactive" });
    if (name && active?.name !== name) alarms.push({ atMs, alertName: name, alertState: "activeAlarming" });
    if (name && active?.name === name && atMs - active.sinceMs >= SNOOZE_MS && atMs - active.sinceMs < SNOOZE_MS + 5 * MINUTE_MS) {
      alarms.push({ atMs, alertName: name, alertState: "activeSnoozed" });
    }
    if (name !== active?.name) active = name ? { name, sinceMs: atMs } : null;
  }
  return alarms;
}

function silences(readings: readonly Sensed[], alertName: string): Alarm[] {
  return readings.flatMap(({ atMs }, index) => {
    const lastMs = readings[index - 1]?.atMs ?? atMs;
    return atMs - lastMs > SILENCE_MS ? [{ atMs: lastMs + SILENCE_MS, alertName, alertState: "activeAlarming" }] : [];
  });
}

export function alertRecords(context: CloudContext, person: Person, fromMs: number, toMs: number): object[] {
  const makeId = recordIds(context, person, "alert");
  const isReceiver = person.who.cgm.displayDevice === "receiver";
  const names: Names = isReceiver ? { urgentLow: "fixedLow", silence: "outOfRange" } : { urgentLow: "urgentLow", silence: "noReadings" };
  // Begun earlier, so that an alarm under way at the start of the window is not taken for a new one.
  const readings = context.sensed(person, fromMs - 6 * HOUR_MS, toMs);
  const alarms = [...alarmsOf(readings, (reading) => levelOf(reading, names)), ...alarmsOf(readings, courseOf), ...silences(readings, names.silence)]
    .toSorted((one, other) => one.atMs - other.atMs);
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
