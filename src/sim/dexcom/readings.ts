/** Estimated glucose values as Dexcom writes them. vendors/dexcom.md, egvs record. */

import type { SimContext } from "../context.ts";
import type { Person } from "../people/person.ts";
import { hashOf, hexOf, uniformAt, uuidOf } from "../people/rng.ts";
import { sessionAt } from "../people/sensor.ts";
import { timesOf } from "./times.ts";

export interface Sensed {
  readonly atMs: number;
  readonly mgDl: number;
  readonly rate: number | null;
}

const LOW = 40;
const HIGH = 400;
/** A rate is only known from readings this close together. */
const FARTHEST_NEIGHBOUR_MS = 17 * 60_000;

/** What the person's sensor said in the closed window: a given series if there is one, else the generated readings. */
export function sensedBetween(context: SimContext, person: Person, fromMs: number, toMs: number): Sensed[] {
  const series = context.state.series.get(person.who.id);
  const beginMs = Date.parse(`${person.who.cgm.since}T00:00:00Z`);
  if (!series) return toMs < beginMs ? [] : person.readings(Math.max(fromMs, beginMs), toMs);
  return series.readings.flatMap((reading, index) => {
    if (reading.atMs < fromMs || reading.atMs > toMs) return [];
    const before = series.readings[index - 3] ?? series.readings[index - 1];
    const gapMs = before ? reading.atMs - before.atMs : 0;
    const rate = before && gapMs > 0 && gapMs <= FARTHEST_NEIGHBOUR_MS ? Math.round(((reading.mgDl - before.mgDl) / (gapMs / 60_000)) * 10) / 10 : null;
    return [{ ...reading, rate }];
  });
}

export function egvRecords(context: SimContext, person: Person, fromMs: number, toMs: number): object[] {
  const key = hashOf(context.options.seed, person.who.id, "egv");
  const { cgm } = person.who;
  const makeId = recordIds(context, person, "egv");
  return sensedBetween(context, person, fromMs, toMs).map(({ atMs, mgDl, rate }) => {
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
export function recordIds(context: SimContext, person: Person, kind: string): (atMs: number, extra?: string) => string {
  const key = hashOf(context.options.seed, context.options.clients.dexcom.clientId, person.who.id, kind);
  return (atMs, extra = "") => uuidOf(key, Math.floor(atMs / 1000), extra);
}

export function transmitterOf(context: SimContext, person: Person, atMs: number): string {
  const { number } = sessionAt(context.options.seed, person.who, atMs);
  // A G6 transmitter outlives nine sensors, later generations are sensor and transmitter in one.
  return hexOf(64, context.options.seed, person.who.id, "transmitter", person.who.cgm.generation === "g6" ? Math.floor(number / 9) : number);
}

export function ticksOf(context: SimContext, person: Person, atMs: number): number {
  return Math.floor((atMs - sessionAt(context.options.seed, person.who, atMs).startMs) / 1000) + 1200;
}
