/** Boluses, basal segments of a pump, and injections. Source: vendors/tidepool.md, Datum types and Mapping. Durations are milliseconds. */
import type { Mapping } from "#driver/payload.ts";
import { DAY_MS, HOUR_MS } from "#units/time.ts";
import type { Item } from "./map.ts";
import { basal, bolus, insulin } from "./schema.ts";

/** What a person can be given at once, and a pump in a segment. */
const MOST_UNITS = 300;
/** Pumps repeat their schedule daily; a longer segment is a clock that jumped. */
const LONGEST_MS = 7 * DAY_MS;

export function mapInsulin(mapping: Mapping, item: Item): void {
  if (item.datum.type === "bolus") mapBolus(mapping, item);
  else if (item.datum.type === "basal") mapBasal(mapping, item);
  else mapInjection(mapping, item);
}

/** What was delivered: `expected…` stands beside it where a bolus was cut short. */
function mapBolus(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(bolus, datum, path);
  if (!item) return;
  if (item.normal === null && item.extended === null) return mapping.problem(`${path}/normal`, "a bolus without an amount");
  const amount = (item.normal ?? 0) + (item.extended ?? 0);
  if (!isAmount(amount) || (item.normal ?? 0) < 0 || (item.extended ?? 0) < 0) return mapping.problem(`${path}/normal`, "outside what a bolus can be");
  mapping.add({ ...base, kind: "insulin_rapid", amount, ...endOf(item.extended === null ? null : item.duration, base.atMs) });
}

/** Units over the segment, where rate and duration are known; nothing while suspended. */
function mapBasal(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(basal, datum, path);
  if (!item) return;
  const end = endOf(item.duration, base.atMs);
  if (item.duration !== null && end.endMs === undefined) return mapping.problem(`${path}/duration`, "outside what a segment can last");
  const rate = rateOf(item);
  const amount = rate === null || item.duration === null ? null : (rate * item.duration) / HOUR_MS;
  if (amount !== null && !isAmount(amount)) return mapping.problem(`${path}/rate`, "outside what a pump can give");
  mapping.add({ ...base, kind: "insulin_basal", ...(amount === null ? {} : { amount }), ...end, ...(item.deliveryType ? { text: item.deliveryType } : {}) });
}

/** U/h. A temporary rate may be told by percent of the suppressed one alone. */
function rateOf({ deliveryType, rate, percent, suppressed }: { deliveryType?: string | null | undefined; rate: number | null; percent: number | null; suppressed?: { rate: number | null } | null | undefined }): number | null {
  if (rate !== null) return rate;
  if (deliveryType === "suspend") return 0;
  const usual = suppressed?.rate ?? null;
  return percent !== null && usual !== null ? percent * usual : null;
}

const ACTING: Readonly<Record<string, "insulin_rapid" | "insulin_long">> = { rapid: "insulin_rapid", short: "insulin_rapid", intermediate: "insulin_long", long: "insulin_long" };

function mapInjection(mapping: Mapping, { datum, path, base }: Item): void {
  const item = mapping.item(insulin, datum, path);
  if (!item) return;
  const amount = item.dose?.total ?? null;
  if (amount === null || !isAmount(amount)) return mapping.problem(`${path}/dose/total`, "missing, or outside what a dose can be");
  const acting = item.formulation?.simple?.actingType?.toLowerCase() ?? "";
  mapping.add({ ...base, kind: Object.hasOwn(ACTING, acting) ? ACTING[acting]! : "insulin_unspecified", amount });
}

function endOf(durationMs: number | null, atMs: number): { endMs?: number } {
  return durationMs !== null && durationMs >= 0 && durationMs <= LONGEST_MS ? { endMs: atMs + durationMs } : {};
}

const isAmount = (units: number): boolean => units >= 0 && units <= MOST_UNITS;
