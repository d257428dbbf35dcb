/** Ultrahuman's answers, in all their envelopes → records. Pure. Source: vendors/ultrahuman.md, Data endpoints; vendors/traps.md, Totals. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { looseText, Mapping } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { isZone } from "#units/time.ts";
import { epochOf, type MapJob } from "./map-place.ts";
import { isScalar, isSeries, mapScalar, mapSeries } from "./map-series.ts";
import { mapSleep } from "./map-sleep.ts";
import * as schema from "./schema.ts";

/** An older name of nights, for the answers that draw their stages. */
const SLEEPS: ReadonlySet<string> = new Set(["sleep", "motion"]);

/**
 * Maps the metrics of a day or of several. Types that are not known are no problem: new ones appear without notice. Throws InvalidInput for
 * an unknown resource, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  if (resource !== "metrics") throw new InvalidInput("Ultrahuman has no such resource.");
  const mapping = new Mapping();
  const { groups, zone } = groupsIn(payload);
  const job: MapJob = { mapping, context, zone };
  for (const group of groups) mapGroup(group, job);
  return mapping.result();
}

/** Items that belong together, and the date that they are filed under. */
interface Group {
  readonly items: readonly unknown[];
  readonly path: string;
  readonly date: string | null;
}

interface Groups {
  readonly groups: readonly Group[];
  readonly zone: string | null;
}

/**
 * Three envelopes are known: a bare list, `metric_data` with a list, and `metrics` with a list for each date; the latter two in `data` or
 * not. An answer whose data is empty has no groups.
 */
function groupsIn(payload: unknown): Groups {
  if (Array.isArray(payload)) return { groups: [{ items: payload, path: "", date: null }], zone: null };
  if (isObject(payload)) {
    const { data } = payload;
    if (Array.isArray(data)) return { groups: [{ items: data, path: "/data", date: null }], zone: null };
    const inner = isObject(data) ? { content: data, path: "/data" } : { content: payload, path: "" };
    const found = groupsOf(inner.content, inner.path);
    if (found) return found;
    if (typeof payload["type"] === "string") return { groups: [{ items: [payload], path: "", date: null }], zone: null };
    const named = namedItems(inner.content);
    if (named.length > 0) return { groups: [{ items: named, path: inner.path, date: dateIn(inner.content) }], zone: null };
    const isEmpty = data === null || (isObject(data) && Object.keys(data).length === 0);
    if (isEmpty && !payload["error"]) return { groups: [], zone: null };
  }
  throw new ProviderContractBroken("A payload of Ultrahuman holds no metrics.", "/data");
}

function groupsOf({ metric_data: list, metrics, latest_time_zone: zone }: Readonly<Record<string, unknown>>, path: string): Groups | null {
  const known = typeof zone === "string" && isZone(zone) ? zone : null;
  if (Array.isArray(list)) return { groups: [{ items: list, path: `${path}/metric_data`, date: null }], zone: known };
  if (!isObject(metrics)) return null;
  const groups = Object.entries(metrics).map(([key, items]): Group => {
    const date = /^\d{4}-\d{2}-\d{2}$/.test(key) ? key : null;
    // What is no date is not repeated: who sends such a key may send anything in it.
    return { items: Array.isArray(items) ? items : [items], path: `${path}/metrics/${date ?? "*"}`, date };
  });
  return { groups, zone: known };
}

/** Metrics under the names of their types, and a night by itself, as other programs keep them. */
function namedItems(content: Readonly<Record<string, unknown>>): readonly unknown[] {
  if (content["bedtime_start"] !== undefined && content["bedtime_end"] !== undefined) return [{ type: "sleep", object: content }];
  return Object.entries(content).flatMap(([name, object]) => (isKnown(name.toLowerCase()) && isObject(object) ? [{ type: name, object }] : []));
}

function dateIn({ date }: Readonly<Record<string, unknown>>): string | null {
  return typeof date === "string" && /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : null;
}

const isKnown = (type: string): boolean => isSeries(type) || isScalar(type) || SLEEPS.has(type);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function mapGroup({ items, path, date }: Group, job: MapJob): void {
  const neighbourDayS = dayStartIn(items);
  // Two names of one number: the older one counts where both are sent.
  const hasNightRate = items.some((item) => isObject(item) && looseText(item["type"]).toLowerCase() === "night_rhr");
  for (const [index, item] of items.entries()) {
    const at = `${path}/${index}`;
    const parsed = job.mapping.item(schema.item, item, at);
    if (!parsed) continue;
    const type = parsed.type.toLowerCase();
    const content: Readonly<Record<string, unknown>> = parsed.object ?? parsed;
    const one = { type, content, path: parsed.object ? `${at}/object` : at, date, neighbourDayS };
    if (isSeries(type)) mapSeries(one, job);
    else if (isScalar(type) && !(type === "sleep_rhr" && hasNightRate)) mapScalar(one, job);
    else if (SLEEPS.has(type)) mapSleep(one, job);
  }
}

/** The first start of a day that any of the items names, seconds. */
function dayStartIn(items: readonly unknown[]): number | null {
  for (const item of items) {
    const content = isObject(item) ? (isObject(item["object"]) ? item["object"] : item) : {};
    const start = epochOf(content["day_start_timestamp"]);
    if (Number.isInteger(start)) return start;
  }
  return null;
}
