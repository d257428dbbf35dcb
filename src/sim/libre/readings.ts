/** Readings and people as LibreLinkUp writes them. vendors/abbott-libre.md, Data endpoints. */

import { DAY_MS, HOUR_MS, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt, uuidOf } from "../people/rng.ts";
import { sessionAt } from "../people/sensor.ts";

const GRAPH_MS = 12 * HOUR_MS;
const LOGBOOK_MS = 14 * DAY_MS;
/** The graph lags behind the current reading. */
const LAG_MS = 10 * MINUTE_MS;
/** After so long without a reading there is no current one. */
const CURRENT_MS = 20 * MINUTE_MS;
const FIVE_MINUTES_MS = 5 * MINUTE_MS;
const MG_DL_PER_MMOL_L = 18.0156;
/** Sensors tell 40 to 500; what lies beyond is LO and HI. */
const [FLOOR, CEILING] = [40, 500];
const [TARGET_LOW, TARGET_HIGH] = [70, 180];
/** MeasurementColor, from memory of others. */
const [GREEN, YELLOW, ORANGE, RED] = [1, 2, 3, 4];
/** Types of items. Those of the logbook's alarms are from memory of others, too. */
const [HISTORY, CURRENT, LOW_ALARM, HIGH_ALARM] = [0, 1, 2, 3];

interface Seen {
  readonly atMs: number;
  readonly mgDl: number;
  readonly rate: number | null;
}

export function patientIdOf(context: CloudContext, person: Person): string {
  return uuidOf(context.seed, "libre-patient", person.who.id);
}

/** Each account has a unit of its own; the British one reads mmol/L. */
export function usesMmol(person: Person): boolean {
  return person.who.zone === "Europe/London";
}

export function connectionOf(context: CloudContext, person: Person): object {
  const now = context.now();
  const last = seenBetween(context, person, now - CURRENT_MS, now).at(-1);
  const current = last ? { ...itemOf(context, person, last, CURRENT), TrendArrow: arrowOf(last.rate), TrendMessage: null } : null;
  const session = sessionAt(context.seed, person.who, now);
  const hasOtherArrow = uniformAt(hashOf(context.seed, person.who.id, "libre-arrow"), Math.floor(now / MINUTE_MS)) < 0.1;
  return {
    id: uuidOf(context.seed, "libre-connection", person.who.id), patientId: patientIdOf(context, person), country: "DE", status: 2,
    firstName: person.who.name.split(" ")[0], lastName: person.who.name.split(" ").slice(1).join(" "),
    targetLow: TARGET_LOW, targetHigh: TARGET_HIGH, uom: usesMmol(person) ? 0 : 1,
    sensor: { deviceId: "", sn: `MH${String(session.number).padStart(8, "0")}`, a: Math.floor(session.startMs / 1000), w: 60, pt: 4, s: true, lj: false },
    glucoseMeasurement: current,
    // The same reading again, now and then with another arrow.
    glucoseItem: current && hasOtherArrow ? { ...current, TrendArrow: current.TrendArrow === 3 ? 4 : 3 } : current,
    glucoseAlarm: null, created: Math.floor(session.startMs / 1000),
  };
}

/** Twelve hours; the spacing depends on the sensor. */
export function graphOf(context: CloudContext, person: Person): object {
  const now = context.now();
  const isSparse = context.position("spacing") === "15";
  const history = seenBetween(context, person, now - GRAPH_MS, now - LAG_MS).filter(({ atMs }) => !isSparse || Math.floor(atMs / FIVE_MINUTES_MS) % 3 === 0);
  return { connection: connectionOf(context, person), activeSensors: [], graphData: history.map((seen) => itemOf(context, person, seen, HISTORY)) };
}

/** Scans and alarms, newest first: what was low or high, and a look now and then. */
export function logbookOf(context: CloudContext, person: Person): object[] {
  const key = hashOf(context.seed, person.who.id, "libre-scans");
  const now = context.now();
  return seenBetween(context, person, now - LOGBOOK_MS, now)
    .filter(({ atMs, mgDl }) => mgDl < 65 || mgDl > 300 || uniformAt(key, Math.floor(atMs / 1000)) < 0.03)
    .map((seen) => itemOf(context, person, seen, seen.mgDl < 65 ? LOW_ALARM : seen.mgDl > 300 ? HIGH_ALARM : CURRENT)).toReversed();
}

function seenBetween(context: CloudContext, person: Person, fromMs: number, toMs: number): Seen[] {
  return context.sensed(person, fromMs, toMs).map(({ atMs, mgDl, rate }) => ({ atMs: Math.floor(atMs / 1000) * 1000, mgDl, rate }));
}

function itemOf(context: CloudContext, person: Person, { atMs, mgDl }: Seen, type: number): Record<string, unknown> & { TrendArrow?: number } {
  const value = Math.max(FLOOR, Math.min(CEILING, mgDl));
  const isMmol = usesMmol(person);
  const offset = offsetMinutesAt(context.given(person)?.zone ?? person.who.zone, atMs);
  return {
    FactoryTimestamp: clock(atMs), Timestamp: clock(atMs + offset * MINUTE_MS), type, ValueInMgPerDl: value,
    MeasurementColor: value < 55 ? RED : value > 240 ? ORANGE : value < TARGET_LOW || value > TARGET_HIGH ? YELLOW : GREEN,
    GlucoseUnits: isMmol ? 0 : 1, Value: isMmol ? Math.round((value / MG_DL_PER_MMOL_L) * 10) / 10 : value, isHigh: mgDl > CEILING, isLow: mgDl < FLOOR,
  };
}

/** 1 falling fast … 5 rising fast; 0 where it cannot be computed. */
function arrowOf(rate: number | null): number {
  if (rate === null) return 0;
  const steps = Math.abs(rate) >= 2 ? 2 : Math.abs(rate) >= 1 ? 1 : 0;
  return 3 + Math.sign(rate) * steps;
}

/** Month first, twelve hours, no zone. */
function clock(ms: number): string {
  const at = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, "0");
  const hour = at.getUTCHours();
  return `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${hour % 12 || 12}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}
