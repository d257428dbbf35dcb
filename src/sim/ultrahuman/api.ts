/** Ultrahuman's data doors. vendors/ultrahuman.md, Identity; Data endpoints. */

import { addDays, localDate, parseTime } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { bearer, json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import type { Grant } from "../tokens.ts";
import { ultrahumanAnswer, ultrahumanRefusal } from "./envelope.ts";
import type { Cut, Metric } from "./metrics.ts";
import { metricsOf } from "./metrics.ts";
import { userIdOf } from "./oauth.ts";
import { ringDay } from "./ring.ts";

const ROOT = "/api/partners/v1/user_data";
const LONGEST_SECONDS = 7 * 86_400;

interface Visit {
  readonly context: CloudContext;
  readonly grant: Grant;
  readonly person: Person;
  readonly call: Call;
}

export function ultrahumanApiRoutes(context: CloudContext): Route[] {
  const get = (path: string, scopes: readonly string[], handle: (visit: Visit) => Answer): Route => ({
    method: "GET", path: `${ROOT}${path}`, door: "data",
    handle(call) {
      const grant = context.grants.find(bearer(call) ?? "");
      if (!grant) return ultrahumanRefusal(401, "Unauthorized");
      if (!scopes.some((scope) => grant.scopes.includes(scope))) return ultrahumanRefusal(403, "Forbidden");
      return handle({ context, grant, person: knownPerson(context, grant.personId), call });
    },
  });
  return [get("/user_info", ["profile"], tellUser), get("/metrics", ["ring_data", "cgm_data"], tellMetrics)];
}

function tellUser({ context, person }: Visit): Answer {
  const user = { user_id: userIdOf(context, person), username: person.who.name.split(" ")[0], email: `${person.who.id}@people.example` };
  return context.position("userInfo") === "flat" ? json(200, user) : ultrahumanAnswer(user);
}

function tellMetrics(visit: Visit): Answer {
  const { query } = visit.call;
  const [date, from, to] = [query.get("date"), query.get("start_epoch"), query.get("end_epoch")];
  if (date !== null && from === null && to === null) return ofDate(visit, date);
  return date === null && from !== null && to !== null ? ofEpochs(visit, from, to) : ultrahumanRefusal(400, "Either date or start_epoch and end_epoch");
}

function ofDate(visit: Visit, date: string): Answer {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !parseTime(date)) return ultrahumanRefusal(400, "Invalid date");
  return inEnvelope(visit.context.position("dateAnswer"), [{ date, metrics: ofDay(visit, date, null) }]);
}

/** Both ends belong to it; what a day has but once comes with each of its days. */
function ofEpochs(visit: Visit, fromText: string, toText: string): Answer {
  const { zone } = visit.person.who;
  const cut = { from: Number(fromText), to: Number(toText) };
  if (![fromText, toText].every((text) => /^\d{9,10}$/.test(text)) || cut.to < cut.from) return ultrahumanRefusal(400, "Invalid epochs");
  if (cut.to - cut.from > LONGEST_SECONDS) return ultrahumanRefusal(400, "At most 7 days");
  const days: Filed[] = [];
  const last = localDate(zone, cut.to * 1000);
  for (let date = localDate(zone, cut.from * 1000); date <= last; date = addDays(date, 1)) days.push({ date, metrics: ofDay(visit, date, cut) });
  return inEnvelope(visit.context.position("epochAnswer"), days);
}

function ofDay({ context, grant, person }: Visit, date: string, cut: Cut): Metric[] {
  const day = ringDay(context, person, date);
  return day ? metricsOf(day, grant, cut) : [];
}

interface Filed {
  readonly date: string;
  readonly metrics: readonly Metric[];
}

/** Three envelopes are known. */
function inEnvelope(name: string, days: readonly Filed[]): Answer {
  const all = days.flatMap(({ metrics }) => metrics);
  if (name === "list") return json(200, all);
  return ultrahumanAnswer(name === "metrics" ? { metrics: Object.fromEntries(days.map(({ date, metrics }) => [date, metrics])) } : { metric_data: all });
}
