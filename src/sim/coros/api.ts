/** COROS's data doors; token and openId stand in the address. vendors/coros.md, Data endpoints. */

import { DAY_MS, parseTime } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { daysOf } from "./days.ts";
import { corosAnswer, corosRefusal, withLabels } from "./envelope.ts";
import { fitFile, fitUrlOf } from "./fit.ts";
import { openIdOf } from "./oauth.ts";
import type { Outing } from "./outings.ts";
import { outingsOf, tellOuting } from "./outings.ts";
import type { CorosWorld } from "./world.ts";

/** Both ends counted. Stated for workouts; taken to hold for days. */
const LONGEST_DAYS = 30;
/** The file of a workout is made after its summary is told. */
const FIT_AFTER_MS = 90_000;

interface Visit {
  readonly context: CloudContext;
  readonly person: Person;
  readonly call: Call;
}

export function corosApiRoutes({ context }: CorosWorld): Route[] {
  const visited = (handle: (visit: Visit) => Answer, needsOpenId = true) => (call: Call): Answer => {
    const grant = context.grants.find(call.query.get("token") ?? "");
    if (!grant) return corosRefusal("unauthorised");
    const person = knownPerson(context, grant.personId);
    if (needsOpenId && call.query.get("openId") !== openIdOf(context, person)) return corosRefusal("unauthorised");
    return handle({ context, person, call });
  };
  const get = (path: string, handle: (call: Call) => Answer): Route => ({ method: "GET", path, door: "data", handle });
  return [
    get("/v2/user", visited(tellUser, false)),
    get("/coros/bindState", visited(() => corosAnswer())),
    get("/v2/coros/sport/list", visited(listOutings)),
    get("/v2/coros/sport/detail/fit", visited(tellFit)),
    get("/coros/daily/query", visited(listDays)),
    get("/fit/:name", (call) => fitFile(context, call, (labelId) => context.people.some((person) => {
      const outing = outingBy(context, person, labelId);
      return outing !== null && outing.uploadedMs + FIT_AFTER_MS <= context.now();
    }))),
  ];
}

function tellUser({ context, person }: Visit): Answer {
  return corosAnswer({ openId: openIdOf(context, person), nick: person.who.name.split(" ")[0], profilePhoto: "" });
}

/** Dates of `[startDate, endDate]`; null for what may not be asked. */
function datesOf({ context, call }: Visit): { readonly first: string; readonly last: string } | null {
  const [first = "", last = ""] = ["startDate", "endDate"].map((name) => /^(\d{4})(\d{2})(\d{2})$/.exec(call.query.get(name) ?? "")?.slice(1).join("-") ?? "");
  const [from, to] = [parseTime(first)?.wallMs, parseTime(last)?.wallMs];
  if (from === undefined || to === undefined || to < from || to - from > (LONGEST_DAYS - 1) * DAY_MS) return null;
  // At most one day past today in UTC.
  return to <= Math.floor(context.now() / DAY_MS) * DAY_MS + DAY_MS ? { first, last } : null;
}

function listOutings(visit: Visit): Answer {
  const { context, person } = visit;
  const dates = datesOf(visit);
  if (!dates) return corosRefusal("badRequest");
  const answer = corosAnswer(outingsOf(context, person, dates.first, dates.last).map((outing) => tellOuting(context, person, outing)));
  return { ...answer, body: withLabels(context, String(answer.body)) };
}

function listDays(visit: Visit): Answer {
  const { context, person } = visit;
  const grant = context.position("dailyData");
  if (grant !== "granted") return corosRefusal("notGranted", grant === "403" ? 403 : 200);
  const dates = datesOf(visit);
  return dates ? corosAnswer(daysOf(context, person, dates.first, dates.last)) : corosRefusal("badRequest");
}

/** What the answer looks like beyond the link is not known. */
function tellFit({ context, person, call }: Visit): Answer {
  const outing = outingBy(context, person, call.query.get("labelId") ?? "");
  const isNamed = outing && call.query.get("mode") === String(outing.mode) && call.query.get("subMode") === String(outing.subMode);
  return isNamed ? corosAnswer({ fitUrl: fitUrlOf(context, outing.labelId) }) : corosRefusal("badRequest");
}

function outingBy(context: CloudContext, person: Person, labelId: string): Outing | null {
  const nowMs = context.now();
  const [first, last] = [nowMs - 92 * DAY_MS, nowMs + DAY_MS].map((ms) => new Date(ms).toISOString().slice(0, 10)) as [string, string];
  return outingsOf(context, person, first, last).find((outing) => outing.labelId === labelId) ?? null;
}
