/** A pump that a phone steers: it is told a basal rate anew every quarter of an hour. vendors/nightscout.md, treatments. */

import { HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt } from "../people/rng.ts";
import type { DocParts } from "./doc.ts";
import { row } from "./row.ts";

const STEP_MS = 15 * MINUTE_MS;
/** Each order holds for half an hour, unless the next one comes before. */
const ORDER_MINUTES = 30;
export const BASAL_UNITS_PER_HOUR = 0.8;

/** What a pump calls one of its doings. */
export function pumpKey(atMs: number): { readonly pumpId: number; readonly pumpType: string; readonly pumpSerial: string } {
  return { pumpId: Math.floor(atMs / 1000), pumpType: "SIMULATED", pumpSerial: "SIM-00042" };
}

/** Orders of the stretch, each made from the sensor alone; so they are the same at each call. */
export function tempBasals(context: CloudContext, person: Person, fromMs: number, toMs: number): DocParts[] {
  const key = hashOf(context.seed, person.who.id, "nightscout-loop");
  const wished = ratesOf(context, person, fromMs - 2 * STEP_MS, toMs);
  const found: DocParts[] = [];
  for (let step = Math.ceil(fromMs / STEP_MS); step * STEP_MS <= toMs; step++) {
    const [rate, before] = [wished.get(step) ?? null, wished.get(step - 1) ?? null];
    const atMs = step * STEP_MS + Math.floor(uniformAt(key, step) * 60) * 1000;
    if (rate === null && before === null) continue;
    const dice = uniformAt(key + 1, step);
    // Duration 0 takes the order back.
    const order = rate === null ? { duration: 0 } : { duration: ORDER_MINUTES, durationInMilliseconds: ORDER_MINUTES * MINUTE_MS };
    const amount = rate === null ? {} : dice < 0.05 ? { percent: Math.round((rate / BASAL_UNITS_PER_HOUR - 1) * 100) } : { absolute: rate, rate };
    found.push({ kind: "temp", atMs, isV3: true, body: row(person, atMs, "Temp Basal", { ...pumpKey(atMs), ...order, ...amount }) });
  }
  return found;
}

/** Units an hour by step; no rate where the pump's own schedule will do. */
function ratesOf(context: CloudContext, person: Person, fromMs: number, toMs: number): Map<number, number> {
  const rates = new Map<number, number>();
  for (const { atMs, mgDl } of context.sensed(person, fromMs - HOUR_MS, toMs)) {
    const rate = mgDl < 85 ? 0 : mgDl > 220 ? 2.4 : mgDl > 160 ? 1.5 : null;
    const step = Math.floor(atMs / STEP_MS) + 1;
    if (rate === null) rates.delete(step);
    else rates.set(step, rate);
  }
  return rates;
}
