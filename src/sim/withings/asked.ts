/** What a call to a service asks for: windows, dates, fields and pages. vendors/withings.md, Data endpoints. */

import { DAY_MS, parseTime } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";

/** A call with a token, and the fields of its form. */
export interface Visit {
  readonly context: CloudContext;
  readonly grant: Grant;
  readonly person: Person;
  readonly fields: URLSearchParams;
}

/** Closed, as the documents leave it. */
export interface AskedTimes {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Of a row that can be asked for by its last change. */
export interface Dated {
  readonly modifiedMs: number;
}

/** A whole number; null when absent or none, undefined when it is no number. */
export function numberOf(fields: URLSearchParams, name: string): number | null | undefined {
  const text = fields.get(name) ?? "";
  if (text === "") return null;
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** `startdate` and `enddate`; null when one is missing or wrong. */
export function timesOf(fields: URLSearchParams): AskedTimes | null {
  const [from, to] = [numberOf(fields, "startdate"), numberOf(fields, "enddate")];
  if (typeof from !== "number" || typeof to !== "number" || to < from) return null;
  return { fromMs: from * 1000, toMs: to * 1000 };
}

/** The same, cut after its first 24 hours, without a word of it. */
export function firstDayOf(fields: URLSearchParams): AskedTimes | null {
  const times = timesOf(fields);
  return times && { fromMs: times.fromMs, toMs: Math.min(times.toMs, times.fromMs + DAY_MS) };
}

/** Local dates `startdateymd` to `enddateymd`, the last included; null when one is missing or wrong. */
export function datesOf(fields: URLSearchParams): { readonly first: string; readonly last: string } | null {
  const [first = "", last = ""] = ["startdateymd", "enddateymd"].map((name) => fields.get(name) ?? "");
  const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTime(text) !== null;
  return isDate(first) && isDate(last) && first <= last ? { first, last } : null;
}

export function namesOf(fields: URLSearchParams, name: string): string[] {
  return (fields.get(name) ?? "").split(",").map((one) => one.trim()).filter(Boolean);
}

/** The asked members of `all`, or the usual ones when none are asked. */
export function picked(all: Readonly<Record<string, unknown>>, asked: readonly string[], usual: readonly string[]): Record<string, unknown> {
  const wanted = asked.length > 0 ? asked : usual;
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
}

export interface Page<T> {
  readonly rows: readonly T[];
  readonly more: boolean;
  readonly offset: number;
}

/** The rows from `offset` on, as many as a page holds; null for an offset that is no number. */
export function pageOf<T>(context: CloudContext, fields: URLSearchParams, all: readonly T[]): Page<T> | null {
  const offset = numberOf(fields, "offset");
  if (offset === undefined) return null;
  const most = Number(context.position("rowsPerPage"));
  const from = offset ?? 0;
  const more = from + most < all.length;
  return { rows: all.slice(from, from + most), more, offset: more ? from + most : 0 };
}

export const secondsOf = (ms: number): number => Math.floor(ms / 1000);
