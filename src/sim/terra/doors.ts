/** Terra's data doors: windows, what is answered and what is sent later, budgets. vendors/terra.md, Data endpoints and Rate limits. */

import { DAY_MS, HOUR_MS, parseInstant } from "#units/time.ts";
import { personOf } from "../context.ts";
import { json, type Answer, type Call, type Route } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { dataOf, KINDS, type Asked, type Kind } from "./data.ts";
import { athlete } from "./logs.ts";
import { chunksOf, pushOf } from "./pushes.ts";
import { activeUser, API_VERSION, problem, shown, type User, type World } from "./world.ts";

const LONGEST_DAYS = 1_825;
/** Requested days of one account in a rolling hour. */
const BUDGET_DAYS = 6_000;
/** A month; more becomes a large request. */
const LARGE_DAYS = 31;

interface Spent {
  readonly atMs: number;
  readonly days: number;
}

interface Request {
  readonly found: User;
  readonly person: Person;
  readonly kind: string;
}

/** Behind the app's keys. */
export function dataRoutes(world: World): Pick<Route, "method" | "path" | "handle">[] {
  const spent = new Map<string, Spent[]>();
  const door = (kind: string, answer: (request: Request, call: Call) => Answer): Pick<Route, "method" | "path" | "handle"> => ({
    method: "GET", path: `/${kind}`,
    handle: (call) => {
      const found = activeUser(world, call.query.get("user_id"));
      const person = found ? personOf(world.context, found.personId) : null;
      return found && person ? budgeted(world, { spent, found, call }, () => answer({ found, person, kind }, call)) : problem(404, "user not found");
    },
  });
  return [...KINDS.map((kind) => door(kind, (request, call) => data(world, { ...request, kind }, call))), door("athlete", (request, call) => person(world, request, call))];
}

/** Counts the days asked for. The budget's headers stand on successes, the wait on a refusal. */
function budgeted({ context }: World, { spent, found, call }: { readonly spent: Map<string, Spent[]>; readonly found: User; readonly call: Call }, answer: () => Answer): Answer {
  const nowMs = context.now();
  const [fromMs, toMs] = [timeOf(call.query.get("start_date")), timeOf(call.query.get("end_date"))];
  const days = fromMs === null ? 1 : Math.max(1, Math.ceil(((toMs ?? nowMs) - fromMs) / DAY_MS));
  if (days > LONGEST_DAYS) return problem(429, "a request may be of 1825 days at most");
  const recent = (spent.get(found.id) ?? []).filter(({ atMs }) => atMs > nowMs - HOUR_MS);
  const used = recent.reduce((sum, one) => sum + one.days, 0);
  const resetSeconds = Math.ceil(((recent[0]?.atMs ?? nowMs) + HOUR_MS - nowMs) / 1000);
  if (used + days > BUDGET_DAYS) return problem(429, "too many days were requested in an hour", { "retry-after": String(resetSeconds) });
  spent.set(found.id, [...recent, { atMs: nowMs, days }]);
  const given = answer();
  if (given.status !== 200) return given;
  const headers = { "x-terra-ratelimit-limit": String(BUDGET_DAYS), "x-terra-ratelimit-remaining": String(BUDGET_DAYS - used - days), "x-terra-ratelimit-reset-after": String(resetSeconds) };
  return { ...given, headers: { ...given.headers, ...headers } };
}

function data(world: World, request: Request & { readonly kind: Kind }, call: Call): Answer {
  const { context } = world;
  const { found, kind } = request;
  const [fromMs, toMs] = ["start_date", "end_date"].map((name) => timeOf(call.query.get(name)));
  if (fromMs === null || fromMs === undefined) return problem(400, "invalid start_date");
  if (call.query.has("end_date") && (toMs === null || toMs === undefined || toMs < fromMs)) return problem(400, "invalid end_date");
  const endMs = toMs ?? context.now();
  const asked: Asked = { fromMs, toMs: Math.min(endMs, context.now()), nowMs: context.now(), hasSamples: call.query.get("with_samples") === "true", provider: found.provider };
  const isLarge = endMs - fromMs > LARGE_DAYS * DAY_MS;
  if (call.query.get("to_webhook") !== "false" || isLarge) return sendLater(world, request, { asked, isLarge });
  return json(200, { user: shown(found), data: dataOf(context, request.person, kind, asked), type: kind });
}

/** Only an acknowledgement; a large request is told of before its chunks come. */
function sendLater(world: World, { found, person: of, kind }: Request & { readonly kind: Kind }, { asked, isLarge }: { readonly asked: Asked; readonly isLarge: boolean }): Answer {
  const { context } = world;
  const reference = uuidOf(context.seed, "terra-reference", found.id, kind, context.now());
  const chunks = chunksOf(dataOf(context, of, kind, asked));
  const told = isLarge
    ? [
        { type: "large_request_processing", status: "processing", message: "A large request is under way", user: shown(found), reference },
        { type: "large_request_sending", message: "A large request is being sent", user: shown(found), reference, expected_payloads: chunks.length },
      ]
    : [];
  const bodies = chunks.map((part) => ({ type: kind, status: "success", version: API_VERSION, user: shown(found), data: part }));
  const trace = uuidOf(context.seed, "terra-request", found.id, kind, context.now());
  if (context.webhookUrl !== null) {
    context.outbox.add(
      ...told.map((body, index) => pushOf(world, of, body, { dueMs: context.now() + index * 1_000, reference })),
      ...bodies.map((body, index) => pushOf(world, of, body, { dueMs: context.now() + 2_000 + index * 1_000, reference, ...(bodies.length > 1 ? { trace: `${trace}:chunk:${index + 1}` } : {}) })),
    );
  }
  return json(200, { status: isLarge ? "processing" : "success", type: kind, reference, trace_id: trace, user: shown(found), message: "Data is sent to the webhook" });
}

/** One object, and not a list. */
function person(world: World, { found, person: of }: Request, call: Call): Answer {
  const { context } = world;
  const body = { user: shown(found), athlete: athlete(of, context.now()), type: "athlete" };
  if (call.query.get("to_webhook") === "false") return json(200, body);
  const reference = uuidOf(context.seed, "terra-reference", found.id, "athlete", context.now());
  if (context.webhookUrl !== null) context.outbox.add(pushOf(world, of, { ...body, version: API_VERSION }, { dueMs: context.now() + 1_000, reference }));
  return json(200, { status: "success", type: "athlete", reference, trace_id: uuidOf(context.seed, "terra-request", found.id, context.now()), user: shown(found) });
}

/** A date, or ten digits of seconds. */
function timeOf(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? (parseInstant(`${text}T00:00:00Z`)?.ms ?? null) : null;
}
