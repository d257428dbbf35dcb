/** Estimated glucose values as Dexcom writes them. vendors/dexcom.md, egvs record. */

import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf, hexOf, uniformAt, uuidOf } from "../people/rng.ts";
import { sessionAt } from "../people/sensor.ts";
import { timesOf } from "./times.ts";

const LOW = 40;
const HIGH = 400;
export function egvRecords(context: CloudContext, person: Person, fromMs: number, toMs: number): object[] {
  const key = hashOf(context.seed, person.who.id, "egv");
  const { cgm } = person.who;
  const makeId = recordIds(context, person, "egv");
  const records = context.sensed(person, fromMs, toMs).map(({ atMs, mgDl, rate }) => {
    const dice = uniformAt(key, Math.floor(atMs / 60_000));
    return {
      recordId: makeId(atMs),
      ...timesOf(context, person, atMs),
      transmitterId: dice > 0.9995 ? "" : transmitterOf(context, person, atMs),
      transmitterTicks: ticksOf(context, person, atMs),
      ...valueOf(mgDl, dice),
      ...trendOf(rate, dice),
      unit: "mg/dL",
      rateUnit: "mg/dL/min",
      displayDevice: cgm.displayDevice,
      transmitterGeneration: cgm.generation,
      // Not in the documents, as real payloads now and then have it.
      isSmoothed: false,
    };
  });
  const last = records.at(-1);
  if (!last || context.position("oddDates") === "off") return records;
  // Clocks that stand far in the future, and a day that the year does not have: both have been seen.
  return [...records, ...["2044-01-01T00:00:00+00:00", "2018-02-29T10:00:00+00:00"].map((systemTime, index) => ({ ...last, recordId: makeId(0, `odd-${index}`), systemTime }))];
}

/** Out of range the number stands at the edge or just past it, or is missing. */
function valueOf(mgDl: number, dice: number): { value: number | null; status: string | null } {
  if (mgDl >= LOW && mgDl <= HIGH) return dice < 0.0004 ? { value: null, status: "unknown" } : { value: mgDl, status: "ok" };
  const edge = mgDl < LOW ? [LOW, LOW - 1] : [HIGH, HIGH + 1];
  const value = dice < 0.15 ? null : dice < 0.7 ? edge[0]! : edge[1]!;
  return { value, status: mgDl < LOW ? "low" : "high" };
}

function trendOf(rate: number | null, dice: number): { trend: string | null; trendRate: number | null } {
  if (rate === null) return { trend: dice < 0.3 ? "none" : "notComputable", trendRate: null };
  if (Math.abs(rate) > 8) return { trend: "rateOutOfRange", trendRate: null };
  const size = Math.abs(rate);
  const way = rate > 0 ? "Up" : "Down";
  const trend = size >= 3 ? `double${way}` : size >= 2 ? `single${way}` : size >= 1 ? `fortyFive${way}` : "flat";
  return { trend, trendRate: rate };
}

/** Ids of a person's records: the same record has the same id at each call, for this client. */
export function recordIds(context: CloudContext, person: Person, kind: string): (atMs: number, extra?: string) => string {
  const key = hashOf(context.seed, context.client.clientId, person.who.id, kind);
  return (atMs, extra = "") => uuidOf(key, Math.floor(atMs / 1000), extra);
}

export function transmitterOf(context: CloudContext, person: Person, atMs: number): string {
  const { number } = sessionAt(context.seed, person.who, atMs);
  // A G6 transmitter outlives nine sensors, later generations are sensor and transmitter in one.
  return hexOf(64, context.seed, person.who.id, "transmitter", person.who.cgm.generation === "g6" ? Math.floor(number / 9) : number);
}

export function ticksOf(context: CloudContext, person: Person, atMs: number): number {
  return Math.floor((atMs - sessionAt(context.seed, person.who, atMs).startMs) / 1000) + 1200;
}
