/** Filters of list and reconcile: `>=` and `<`, joined by AND; for sleep by OR too. vendors/google-health.md, Filters. */

import { addDays, DAY_MS, localDate, parseInstant, parseTime } from "#units/time.ts";
import { filterPrefix } from "./types.ts";
import { wallOf } from "./times.ts";
import type { HealthType, Point } from "./world.ts";

/** One alternative of a filter. */
interface Stretch {
  readonly end: "start" | "end";
  /** Bounds are wall-clock times, or dates, rather than instants. */
  readonly isCivil: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PointFilter {
  /** The dates that can hold what is asked, first and last. */
  readonly dates: readonly [string, string];
  lets(point: Point): boolean;
}

interface Field {
  readonly end: Stretch["end"];
  readonly isCivil: boolean;
  readonly operators: readonly string[];
  read(text: string): number | null;
}

const BOTH = [">=", "<"];
const physical = (text: string): number | null => parseInstant(text)?.ms ?? null;
const civil = (text: string): number | null => (/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/.test(text) ? (parseTime(text.length === 10 ? `${text}T00:00:00` : text)?.wallMs ?? null) : null);
const day = (text: string): number | null => (text.length === 10 ? civil(text) : null);

function fieldsOf(type: HealthType): ReadonlyMap<string, Field> {
  const prefix = filterPrefix(type);
  const field = (name: string, rest: Partial<Field> & Pick<Field, "read">): [string, Field] => [`${prefix}.${name}`, { end: "start", isCivil: rest.read !== physical, operators: BOTH, ...rest }];
  if (type.name === "sleep") return new Map([field("interval.end_time", { end: "end", read: physical }), field("interval.civil_end_time", { end: "end", read: civil })]);
  if (type.name === "electrocardiogram") return new Map([field("interval.start_time", { operators: [">="], read: physical })]);
  if (type.shape === "session") return new Map([field("interval.civil_start_time", { read: civil })]);
  if (type.shape === "daily") return new Map([field("date", { read: day })]);
  if (type.shape === "sample") return new Map([field("sample_time.physical_time", { read: physical }), field("sample_time.civil_time", { read: civil })]);
  return new Map([field("interval.start_time", { read: physical }), field("interval.civil_start_time", { read: civil })]);
}

const CLAUSE = /^\s*([a-z0-9_.]+)\s*(>=|<=|>|<|=)\s*"([^"]*)"\s*$/;

/** What the filter lets through for a person in `zone`; null when it is none for the type. `span` is what there is at all. */
export function parseFilter(type: HealthType, text: string, zone: string, span: { fromMs: number; toMs: number }): PointFilter | null {
  const alternatives = text.trim() === "" ? [""] : text.split(/\s+OR\s+/);
  if (alternatives.length > 1 && type.name !== "sleep") return null;
  const stretches = alternatives.map((alternative) => parseStretch(fieldsOf(type), alternative));
  const known = stretches.filter((one) => one !== null);
  if (known.length < stretches.length) return null;
  const fromMs = Math.max(span.fromMs, Math.min(...known.map((one) => one.fromMs)) - 2 * DAY_MS);
  const toMs = Math.min(span.toMs, Math.max(...known.map((one) => one.toMs)) + DAY_MS);
  return {
    dates: fromMs > toMs ? ["9999-01-02", "9999-01-01"] : [localDate(zone, fromMs), addDays(localDate(zone, toMs), 1)],
    lets: (point) => known.some((one) => {
      const ms = one.end === "end" ? point.endMs : point.startMs;
      const compared = one.isCivil ? wallOf(zone, ms) : ms;
      return compared >= one.fromMs && compared < one.toMs;
    }),
  };
}

function parseStretch(fields: ReadonlyMap<string, Field>, text: string): Stretch | null {
  const [first] = fields.values();
  if (!first) return null;
  let fromMs = -Infinity;
  let toMs = Infinity;
  let used: Field | null = null;
  for (const clause of text === "" ? [] : text.replaceAll(/[()]/g, " ").split(/\s+AND\s+/)) {
    const [, name = "", operator = "", literal = ""] = CLAUSE.exec(clause) ?? [];
    const field = fields.get(name);
    const ms = field?.operators.includes(operator) ? field.read(literal) : null;
    // Physical and civil bounds do not mix.
    if (!field || ms === null || (used && used !== field)) return null;
    used = field;
    if (operator === ">=") fromMs = Math.max(fromMs, ms);
    else toMs = Math.min(toMs, ms);
  }
  const { end, isCivil } = used ?? first;
  return { end, isCivil, fromMs, toMs };
}
