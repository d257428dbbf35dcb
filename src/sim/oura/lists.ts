/** Lists in pages: documents by their day, samples by their instant. vendors/oura.md, Data endpoints. */

import { addDays, DAY_MS, HOUR_MS, localDate, MINUTE_MS, parseTime } from "#units/time.ts";
import type { Answer, Call } from "../exchange.ts";
import { json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";
import type { Collection, Series } from "./collections.ts";
import { syncedMs } from "./documents.ts";
import { ouraRefusal, unprocessable } from "./refusal.ts";
import type { OuraWorld } from "./world.ts";

/** Longest stretch of samples at once; no longest stretch is stated for documents. */
export const LONGEST_SERIES_MS = 30 * DAY_MS;

export interface Visit extends OuraWorld {
  readonly call: Call;
  readonly grant: Grant;
  readonly person: Person;
}

/** Cuts an item to the members that `fields` names; the id stays. */
export function showing(call: Call): (item: Record<string, unknown>) => Record<string, unknown> {
  const asked = call.query.get("fields");
  if (!asked) return (item) => item;
  const wanted = new Set(["id", ...asked.split(",")]);
  return (item) => Object.fromEntries(Object.entries(item).filter(([name]) => wanted.has(name)));
}

/** What a `next_token` carries: which list it goes on, and where. */
interface Position {
  readonly list: string;
  readonly from: string;
  readonly to: string;
  readonly at: string;
}

function tokenOf({ list, from, to, at }: Position): string {
  return Buffer.from([list, from, to, at].join("|")).toString("base64url");
}

function positionOf(token: string): Position | null {
  const parts = Buffer.from(token, "base64url").toString("utf8").split("|");
  const [list, from, to, at] = parts;
  return parts.length === 4 && list !== undefined && from !== undefined && to !== undefined && at !== undefined ? { list, from, to, at } : null;
}

interface Bounds {
  readonly from: string;
  readonly to: string;
  /** Where the page begins; null at the beginning. */
  readonly at: string | null;
}

/** The bounds of the query, which a token repeats; a refusal when the two disagree. */
function boundsOf(call: Call, list: string, names: readonly [from: string, to: string]): Bounds | Answer {
  const [from, to] = names.map((name) => call.query.get(name) ?? "") as [string, string];
  const token = call.query.get("next_token");
  if (token === null || token === "") return { from, to, at: null };
  const position = positionOf(token);
  const isSame = position?.list === list && (from === "" || from === position.from) && (to === "" || to === position.to);
  return isSame ? position : ouraRefusal(400, "The next_token does not belong to this query");
}

const isAnswer = (value: object): value is Answer => "status" in value;

export function listDocuments(visit: Visit, collection: Collection): Answer {
  const { call, context, person } = visit;
  const bounds = boundsOf(call, collection.name, ["start_date", "end_date"]);
  if (isAnswer(bounds)) return bounds;
  const window = daysOf(visit, bounds, collection.excludesEnd ?? false);
  if (isAnswer(window)) return window;
  const most = Number(context.position("documentsPerPage"));
  const [firstDay = window.first, skipped = "0"] = bounds.at?.split("#") ?? [];
  const data: Record<string, unknown>[] = [];
  let skip = Number(skipped);
  for (let day = firstDay; day <= window.last; day = addDays(day, 1)) {
    const documents = collection.tell(visit, person, day).filter(({ id, readyMs }) => readyMs <= context.now() && !visit.edits.isDeleted(id));
    for (const [index, document] of documents.entries()) {
      if (index < skip) continue;
      if (data.length === most) return json(200, { data, next_token: tokenOf({ list: collection.name, ...bounds, at: `${day}#${index}` }) });
      data.push(showing(call)({ id: document.id, ...document.tell() }));
    }
    skip = 0;
  }
  return json(200, { data, next_token: null });
}

/**
 * First and last day asked for. The documents do not agree whether `end_date` is in it: it depends on the collection here; an end with
 * a time after midnight always takes its day in.
 */
function daysOf({ context, person }: Visit, { from, to }: Bounds, excludesEnd: boolean): { first: string; last: string } | Answer {
  const today = localDate(person.who.zone, context.now());
  const read = (name: string, text: string): { day: string; isMidnight: boolean } | Answer | null => {
    if (text === "") return null;
    const parsed = parseTime(text);
    if (!parsed) return unprocessable("query", name, "invalid date format");
    const wall = new Date(parsed.wallMs).toISOString();
    return { day: wall.slice(0, 10), isMidnight: wall.slice(11, 19) === "00:00:00" };
  };
  const start = read("start_date", from);
  const end = read("end_date", to);
  if (start && isAnswer(start)) return start;
  if (end && isAnswer(end)) return end;
  if (start && end && start.day > end.day) return ouraRefusal(400, "Start date is greater than end date");
  // Without dates it is the last day or so.
  const asked = { first: start?.day ?? addDays(end?.day ?? today, -1), end: end?.day ?? today };
  const isLeftOut = end !== null && end.isMidnight && (context.position("endDate") === "as usual" ? excludesEnd : context.position("endDate") === "exclusive");
  const last = isLeftOut ? addDays(asked.end, -1) : asked.end;
  // Nobody has data before the first ring, nor after tomorrow.
  const since = addDays(person.who.cgm.since, -1);
  const tomorrow = addDays(today, 1);
  return { first: asked.first < since ? since : asked.first, last: last > tomorrow ? tomorrow : last };
}

export function listSamples(visit: Visit, series: Series): Answer {
  const { call, context, person } = visit;
  if (call.query.get("latest") === "true") return latestSample(visit, series);
  const bounds = boundsOf(call, series.name, ["start_datetime", "end_datetime"]);
  if (isAnswer(bounds)) return bounds;
  const endMs = bounds.to === "" ? context.now() : instantOf(bounds.to);
  if (endMs === null) return unprocessable("query", "end_datetime", "invalid datetime format");
  const startMs = bounds.from === "" ? endMs - DAY_MS : instantOf(bounds.from);
  if (startMs === null) return unprocessable("query", "start_datetime", "invalid datetime format");
  if (startMs > endMs) return ouraRefusal(400, "Start time is greater than end time");
  if (endMs - startMs > LONGEST_SERIES_MS) return ouraRefusal(400, "The time range must not exceed 30 days");
  const most = Number(context.position("samplesPerPage"));
  const lastMs = Math.min(endMs, syncedMs(visit));
  const data: Record<string, unknown>[] = [];
  const sinceMs = Date.parse(`${person.who.cgm.since}T00:00:00Z`);
  // By hours, so that a page of a long list costs no more than itself.
  for (let atMs = Math.max(sinceMs, bounds.at === null ? startMs : Number(bounds.at)); atMs < lastMs; atMs += 6 * HOUR_MS) {
    for (const sample of series.tell(visit, person, atMs, Math.min(lastMs, atMs + 6 * HOUR_MS))) {
      if (data.length === most) return json(200, { data, next_token: tokenOf({ list: series.name, ...bounds, at: String(sample.atMs) }) });
      data.push(showing(call)(sample.fields));
    }
  }
  return json(200, { data, next_token: null });
}

function latestSample(visit: Visit, series: Series): Answer {
  const toMs = syncedMs(visit);
  const last = series.tell(visit, visit.person, toMs - DAY_MS, toMs).at(-1);
  return json(200, { data: last ? [showing(visit.call)(last.fields)] : [], next_token: null });
}

/** A time without an offset is read as UTC. */
function instantOf(text: string): number | null {
  const parsed = parseTime(text);
  return parsed ? parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS : null;
}
