/** The query languages of both versions, as far as the facts tell. vendors/nightscout.md, v1 endpoints and v3 endpoints. */

import { parseTime, MINUTE_MS } from "#units/time.ts";

/** What is asked of a collection; bounds of its time are closed and in milliseconds. */
export interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether a document passes all filters, the time's too. */
  matches(document: Readonly<Record<string, unknown>>, atMs: number): boolean;
}

export type Parsed<T> = { readonly asked: T } | { readonly refusal: { readonly status: number; readonly message: string } };

export const V3_OPERATORS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "re"] as const;
type Operator = (typeof V3_OPERATORS)[number];

interface Filter {
  readonly field: string;
  readonly op: Operator;
  readonly text: string;
}

const FOUR_DAYS_MS = 4 * 86_400_000;
/** Numbers below are seconds: it is the year 2000 in milliseconds. */
const LEAST_MS = 946_684_800_000;

const isOperator = (text: string): text is Operator => (V3_OPERATORS as readonly string[]).includes(text);

/** `find[date][$gte]=…`; without a word on the time only the last four days are searched. `timeField`: `date` or `created_at`. */
export function readFind(query: URLSearchParams, timeField: "date" | "created_at", nowMs: number): Parsed<Asked> {
  const filters: Filter[] = [];
  for (const [name, text] of query) {
    const match = /^find\[(\w+)\](?:\[\$(\w+)\])?$/.exec(name);
    if (!match) continue;
    const [, field = "", op = "eq"] = match;
    if (!isOperator(op)) return { refusal: { status: 500, message: "Mongo Error" } };
    filters.push({ field, op, text });
  }
  const timed = filters.filter(({ field }) => field === timeField);
  const isOpen = filters.some(({ field }) => field === "dateString" || field === "_id");
  const bounds = timed.map(({ op, text }) => ({ op, ms: timeField === "date" ? Number.parseInt(text, 10) : instantOf(text) }));
  if (bounds.some(({ ms }) => ms === null || Number.isNaN(ms))) return { refusal: { status: 500, message: "Mongo Error" } };
  const known = bounds.map(({ op, ms }) => ({ op, ms: ms ?? 0 }));
  const defaults = known.length === 0 && !isOpen ? [{ op: "gte" as const, ms: nowMs - FOUR_DAYS_MS }] : [];
  return { asked: askedOf([...known, ...defaults], filters.filter(({ field }) => field !== timeField)) };
}

/** `field$op=value`. */
export function readSearch(query: URLSearchParams, timeFields: readonly string[]): Parsed<Asked> {
  const filters: Filter[] = [];
  for (const [name, text] of query) {
    if (["token", "sort", "sort$desc", "limit", "skip", "fields", "now"].includes(name)) continue;
    const [field = "", op = "eq"] = name.split("$");
    if (!isOperator(op)) return { refusal: { status: 400, message: `Unsupported filter operator ${op}` } };
    filters.push({ field, op, text });
  }
  const bounds: Bound[] = [];
  for (const { field, op, text } of filters) {
    if (!timeFields.includes(field)) continue;
    const ms = instantOf(text);
    if (ms === null) return { refusal: { status: 400, message: `Bad or missing ${field} field` } };
    bounds.push({ op, ms });
  }
  return { asked: askedOf(bounds, filters.filter(({ field }) => !timeFields.includes(field))) };
}

interface Bound {
  readonly op: Operator;
  readonly ms: number;
}

function askedOf(bounds: readonly Bound[], others: readonly Filter[]): Asked {
  const least = bounds.filter(({ op }) => op === "gte" || op === "gt" || op === "eq").map(({ ms }) => ms);
  const most = bounds.filter(({ op }) => op === "lte" || op === "lt" || op === "eq").map(({ ms }) => ms);
  return {
    fromMs: Math.max(0, ...least),
    toMs: Math.min(Number.MAX_SAFE_INTEGER, ...most),
    matches: (document, atMs) => bounds.every(({ op, ms }) => compare(op, atMs, ms)) && others.every((filter) => passes(filter, document[filter.field])),
  };
}

function compare(op: Operator, value: number, bound: number): boolean {
  if (op === "gt") return value > bound;
  if (op === "gte") return value >= bound;
  if (op === "lt") return value < bound;
  if (op === "lte") return value <= bound;
  return op === "ne" ? value !== bound : value === bound;
}

function passes({ op, text }: Filter, value: unknown): boolean {
  const known = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
  if (op === "eq") return known === text;
  if (op === "ne") return known !== text;
  if (op === "in" || op === "nin") return text.split("|").includes(known) === (op === "in");
  if (op === "re") return known.includes(text);
  return compare(op, Number(known), Number(text));
}

/** ISO 8601, seconds or milliseconds; null for what is no time. */
export function instantOf(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text) < LEAST_MS ? Number(text) * 1000 : Number(text);
  const parsed = parseTime(text.replace(" ", "+"));
  return parsed && parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS;
}
