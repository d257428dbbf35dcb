/** Totals of days. vendors/suunto.md, daily-activity-statistics. */

import { addDays, localDate, localDay, MINUTE_MS, parseTime } from "#units/time.ts";
import type { Answer } from "../exchange.ts";
import { json } from "../exchange.ts";
import { tallyDay } from "../people/energy.ts";
import { chanceOf } from "../people/rng.ts";
import { energyOf } from "./entries.ts";
import type { Visit } from "./gateway.ts";
import { apiRefusal } from "./gateway.ts";
import { joulesOf, sinceMs, stampOf, syncedMs } from "./watch.ts";

interface Day {
  readonly startMs: number;
  /** Null for a day of which nothing has come in. */
  readonly steps: number | null;
  readonly kilocalories: number | null;
}

/** Days whose midnight lies in `[startdate, enddate]`; or, by the switch, whatever of any day lies in it. */
export function tellStatistics(visit: Visit): Answer {
  const { context, person, call } = visit;
  const [fromMs, toMs] = [instantOf(call.query.get("startdate")), instantOf(call.query.get("enddate"))];
  if (fromMs === null || toMs === null || toMs < fromMs) return apiRefusal(400, "startdate and enddate must be ISO 8601 dates");
  const days = [...daysBetween(visit, fromMs, toMs)];
  const samples = (of: (day: Day) => number | null): object[] => days.map((day) => ({ TimeISO8601: timeOf(visit, day.startMs), Value: of(day) }));
  const source = chanceOf(context.seed, "suunto-source", person.who.id).happens(0.5) ? { Name: "Suunto Race" } : {};
  return json(200, [
    { Name: "stepcount", Sources: [{ ...source, Samples: samples(({ steps }) => steps) }] },
    { Name: "energyconsumption", Sources: [{ ...source, Samples: samples(({ kilocalories }) => (kilocalories === null ? null : joulesOf(kilocalories))) }] },
  ]);
}

/** A time without an offset is read as UTC. */
function instantOf(text: string | null): number | null {
  const parsed = parseTime(text ?? "");
  return parsed ? parsed.wallMs - (parsed.offsetMinutes ?? 0) * MINUTE_MS : null;
}

/** The day's midnight where the person lives: with its offset, without one, or in UTC. */
function timeOf({ context, person }: Visit, startMs: number): string {
  const form = context.position("dayTimes");
  if (form === "UTC") return new Date(startMs).toISOString();
  const stamp = stampOf(person, startMs);
  return form === "offset" ? stamp : stamp.slice(0, 19);
}

function* daysBetween({ context, person }: Visit, fromMs: number, toMs: number): Generator<Day> {
  const { zone } = person.who;
  const isCut = context.position("partialDays") === "cut";
  const uploadedMs = syncedMs(context.now());
  const last = localDate(zone, Math.min(toMs, uploadedMs));
  for (let date = localDate(zone, Math.max(fromMs, sinceMs(person))); date <= last; date = addDays(date, 1)) {
    const day = localDay(zone, date);
    if (!day || (!isCut && day.fromMs < fromMs)) continue;
    const trace = person.day(date);
    const minuteOf = (ms: number): number => Math.max(0, Math.min(trace.steps.length, Math.floor((ms - day.fromMs) / MINUTE_MS)));
    const [from, to] = [isCut ? minuteOf(fromMs) : 0, minuteOf(isCut ? Math.min(toMs + 1, uploadedMs) : uploadedMs)];
    const isKnown = to > from;
    yield { startMs: day.fromMs, steps: isKnown ? tallyDay(person.who, trace, from, to).steps : null, kilocalories: isKnown ? energyOf(person, trace, from, to) : null };
  }
}
