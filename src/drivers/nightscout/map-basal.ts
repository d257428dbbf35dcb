/** Temporary basal rates → what the pump gave by them. Pure. Source: vendors/nightscout.md, Mapping; nightscout-contract 2.3. */
import { looseNumber } from "#driver/payload.ts";
import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { Part } from "./part.ts";
import { amountOf, minutesOf, type TreatmentRow } from "./map-row.ts";

const MOST_UNITS_PER_HOUR = 50;
const LONGEST_MINUTES = 24 * 60;

export function isTempBasal({ type }: TreatmentRow): boolean {
  return type.startsWith("temp basal");
}

/**
 * A part for each order that took effect. An order is told with the time it would last, and ends with the next one before that: a phone
 * that steers a pump renews orders of half an hour every five minutes. One of no length, or "Temp Basal End", only ends the one before.
 */
export function basalParts(rows: readonly TreatmentRow[]): Part[] {
  const orders = onePerInstant(rows.filter((row) => isTempBasal(row) && !row.isGone));
  return orders.flatMap((order, index) => {
    const minutes = order.type === "temp basal end" ? null : minutesOf(order, LONGEST_MINUTES);
    if (minutes === null) return [];
    const endMs = Math.min(Math.floor(order.atMs + minutes * MINUTE_MS), orders[index + 1]?.atMs ?? Number.POSITIVE_INFINITY);
    return endMs > order.atMs ? [partOf(order, endMs)] : [];
  });
}

/** What would be told of a row if it stood alone: to withdraw it by. */
export function basalPartAlone(order: TreatmentRow): Part {
  return partOf(order, order.atMs);
}

/** In order of time. Of two at one instant that counts which is told apart better. */
function onePerInstant(rows: readonly TreatmentRow[]): TreatmentRow[] {
  const byTime = new Map<number, TreatmentRow>();
  for (const row of rows.toSorted((a, b) => b.rank - a.rank || (a.key < b.key ? 1 : -1))) byTime.set(row.atMs, row);
  return [...byTime.values()].toSorted((a, b) => a.atMs - b.atMs);
}

function partOf(order: TreatmentRow, endMs: number): Part {
  const rate = rateOf(order);
  const amount = rate === null ? null : Math.round(((rate * (endMs - order.atMs)) / HOUR_MS) * 10_000) / 10_000;
  const percent = rate === null ? looseNumber(order.row["percent"]) : null;
  const text = percent === null || Math.abs(percent) > 1_000 ? undefined : `${percent > 0 ? "+" : ""}${percent} % of the basal rate`;
  return { source: order, part: "basal", kind: "insulin_basal", atMs: order.atMs, endMs, ...(amount === null ? {} : { amount }), ...(text === undefined ? {} : { text }) };
}

/** Units an hour; null where the order is relative to a schedule, which is in the profile. All of it taken away is 0 all the same. */
function rateOf(order: TreatmentRow): number | null {
  for (const field of ["absolute", "rate"]) {
    if (looseNumber(order.row[field]) === 0) return 0;
    const rate = amountOf(order, { field, most: MOST_UNITS_PER_HOUR });
    if (rate !== null) return rate;
  }
  const percent = looseNumber(order.row["percent"]);
  return percent === -100 ? 0 : null;
}
