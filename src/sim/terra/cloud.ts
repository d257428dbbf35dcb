/** Terra: the aggregator's page, its data doors and its webhooks. Written from vendors/terra.md. */

import { DAY_MS, parseInstant } from "#units/time.ts";
import { z } from "zod";
import type { Cloud, CloudContext } from "../cloud.ts";
import { personOf } from "../context.ts";
import { formOf, header, json, jsonOf, redirect, withParameters, type Answer, type Call, type Route } from "../exchange.ts";
import { html, page } from "../html.ts";
import type { Push } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { hmacOf } from "../signing.ts";
import { dataOf, KINDS, type Kind } from "./data.ts";

const PROVIDERS = ["GARMIN", "OURA", "DEXCOM"];
const SESSION_SECONDS = 900;
const LONGEST_DAYS = 1_825;

const session = z.object({ reference: z.string(), success: z.string(), failure: z.string(), expiresMs: z.number() });
const user = z.object({ id: z.string(), personId: z.string(), provider: z.string(), reference: z.string(), isActive: z.boolean(), toldMs: z.number() });
type User = z.infer<typeof user>;
const state = z.object({ sessions: z.record(z.string(), session), users: z.array(user), count: z.number() });
type State = z.infer<typeof state>;

interface World {
  readonly context: CloudContext;
  readonly state: State;
}

/** RFC 9457, as the present documents have it. */
function problem(status: number, detail: string): Answer {
  return { ...json(status, { type: "about:blank", title: detail, instance: "", detail }), type: "application/problem+json" };
}

export const terra: Cloud = {
  id: "terra",
  name: "Terra",
  tokens: { codeSeconds: 60, accessSeconds: 10 * 365 * 86_400, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null, refreshing: "none" },
  delivery: { timeoutMs: 8_000, retrySeconds: [300, 1_800, 3_600, 7_200, 14_400] },
  clientExtras: ["signing_secret"],
  shownParameters: ["start_date", "end_date", "to_webhook", "with_samples"],
  switches: [{ name: "header", label: "Name of the signature's header", positions: ["x-terra-signature", "terra-signature"], initial: "x-terra-signature" }],
  servesGlucose: true,
  refuse(refusal) {
    if (refusal.kind === "rate_limited") return { ...problem(429, "rate limit exceeded"), headers: refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) } };
    if (refusal.kind === "server_error") return problem(refusal.status, "internal server error");
    return problem(404, refusal.kind === "invalid_grant" ? "user not found" : "not found");
  },
  create(context) {
    const world: World = { context, state: context.keep(state, { sessions: {}, users: [], count: 0 }) };
    const guarded = (handle: (call: Call) => Answer | Promise<Answer>): Route["handle"] => (call) => {
      const isOurs = header(call, "dev-id") === context.client.clientId && header(call, "x-api-key") === context.client.clientSecret;
      return isOurs ? handle(call) : problem(401, "dev-id or x-api-key headers are missing");
    };
    return {
      routes: [
        { method: "POST", path: "/auth/generateWidgetSession", door: "data", handle: guarded((call) => newSession(world, call)) },
        { method: "GET", path: "/widget/session/:id", door: "page", handle: (call) => widget(world, call) },
        { method: "POST", path: "/widget/session/:id", door: "page", handle: (call) => choose(world, call) },
        { method: "GET", path: "/userInfo", door: "data", handle: guarded((call) => userInfo(world, call)) },
        { method: "DELETE", path: "/auth/deauthenticateUser", door: "data", handle: guarded((call) => deauthenticate(world, call)) },
        ...KINDS.map((kind): Route => ({ method: "GET", path: `/${kind}`, door: "data", handle: guarded((call) => data(world, kind, call)) })),
      ],
      pushes: [...KINDS, "connection_error", "access_revoked", "user_reauth", "healthcheck"],
      push: (person, what) => context.outbox.sendNow(pushesOf(world, person, what)),
      tick: () => tick(world),
      facts: (person) => ({ userId: uuidOf(context.seed, "terra", person.who.id) }),
    };
  },
};

function usersOf({ state: { users } }: World, person: Person): User[] {
  return users.filter(({ personId, isActive }) => personId === person.who.id && isActive);
}

function shown({ id, provider, reference, isActive }: User): object {
  return { user_id: id, provider, reference_id: reference, active: isActive, scopes: "activity,daily,sleep,body", last_webhook_update: null };
}

function newSession({ context, state: kept }: World, call: Call): Answer {
  const body = (jsonOf(call) ?? {}) as Record<string, unknown>;
  const [success, failure, reference] = ["auth_success_redirect_url", "auth_failure_redirect_url", "reference_id"].map((name) => (typeof body[name] === "string" ? body[name] : ""));
  kept.count += 1;
  const id = uuidOf(context.seed, "terra-session", kept.count, context.now());
  kept.sessions[id] = { reference: reference ?? "", success: success ?? "", failure: failure ?? "", expiresMs: context.now() + SESSION_SECONDS * 1000 };
  return json(200, { status: "success", session_id: id, url: `${context.baseUrl}/widget/session/${id}`, expires_in: SESSION_SECONDS });
}

function open({ context, state: kept }: World, call: Call): z.infer<typeof session> | null {
  const found = kept.sessions[call.params["id"] ?? ""];
  return found && found.expiresMs > context.now() && URL.canParse(found.success) ? found : null;
}

function widget(world: World, call: Call): Answer {
  const { context } = world;
  const found = open(world, call);
  if (!found) return page("Terra (simulated)", html`<section class="panel"><h1>This page has expired</h1></section>`, { status: 404 });
  const people = context.people.map(({ who }) => html`<option value="${who.id}">${who.name} · ${who.about}</option>`);
  const providers = PROVIDERS.map((provider) => html`<option value="${provider}">${provider}</option>`);
  return page("Terra (simulated): connect a device", html`
    <p class="note">Simulated Terra cloud. Invented people, no real data.</p>
    <form class="panel" method="post" action="${call.path.replace(/^\//, `${context.baseUrl}/`)}">
      <h1>Connect a device</h1>
      <label for="person">Who are you?</label><select id="person" name="person">${people}</select>
      <label for="provider">Whose device?</label><select id="provider" name="provider">${providers}</select>
      <div class="row"><button class="main" type="submit" name="decision" value="allow">Connect</button><button type="submit" name="decision" value="deny">Cancel</button></div>
    </form>`, { formTargets: [new URL(found.success).origin] });
}

/** A new account at Terra for each person and provider; the same once more is a new id, and the old one is told of. */
function choose(world: World, call: Call): Answer {
  const { context, state: kept } = world;
  const found = open(world, call);
  const form = formOf(call);
  if (!found) return problem(404, "session not found");
  if (form.get("decision") !== "allow") return redirect(withParameters(found.failure, { reference_id: found.reference, reason: "user_cancelled" }));
  const person = form.has("person") ? personOf(context, form.get("person") ?? "") : context.people[0];
  if (!person) return problem(404, "no such person");
  delete kept.sessions[call.params["id"] ?? ""];
  const provider = PROVIDERS.find((one) => one === form.get("provider")) ?? PROVIDERS[0]!;
  const before = kept.users.find((one) => one.personId === person.who.id && one.provider === provider && one.reference === found.reference && one.isActive);
  const id = before ? uuidOf(context.seed, "terra-again", person.who.id, provider, context.now()) : idFor(world, person, provider);
  const made: User = { id, personId: person.who.id, provider, reference: found.reference, isActive: true, toldMs: context.now() };
  if (before) before.isActive = false;
  kept.users.push(made);
  context.grants.open(person.who.id, []);
  const events = [{ type: "auth", status: "success", user: shown(made) }, ...(before ? [{ type: "user_reauth", status: "warning", message: "reauthenticated", old_user: shown(before), new_user: shown(made) }] : [])];
  context.outbox.add(...events.map((body) => pushOf(world, person, body, context.now() + 1_000)));
  return redirect(withParameters(found.success, { user_id: id, reference_id: found.reference, resource: provider }));
}

function idFor({ context, state: { users } }: World, person: Person, provider: string): string {
  const plain = provider === PROVIDERS[0] ? uuidOf(context.seed, "terra", person.who.id) : uuidOf(context.seed, "terra", person.who.id, provider);
  return users.some(({ id, isActive }) => id === plain && isActive) ? uuidOf(context.seed, "terra", person.who.id, provider, users.length) : plain;
}

function userInfo({ state: { users } }: World, call: Call): Answer {
  const found = users.findLast(({ id }) => id === call.query.get("user_id"));
  return found ? json(200, { status: "success", user: shown(found), is_authenticated: found.isActive }) : problem(404, "user not found");
}

function deauthenticate(world: World, call: Call): Answer {
  const found = world.state.users.find(({ id, isActive }) => isActive && id === call.query.get("user_id"));
  if (!found) return problem(404, "user not found");
  found.isActive = false;
  const person = personOf(world.context, found.personId);
  if (person) {
    if (usersOf(world, person).length === 0) world.context.grants.revoke(found.personId);
    world.context.outbox.add(pushOf(world, person, { type: "deauth", status: "success", message: "deauthenticated", user: shown(found) }, world.context.now()));
  }
  return json(200, { status: "success" });
}

function data(world: World, kind: Kind, call: Call): Answer {
  const { context } = world;
  const found = world.state.users.find(({ id, isActive }) => isActive && id === call.query.get("user_id"));
  const person = found ? personOf(context, found.personId) : null;
  if (!found || !person) return problem(404, "user not found");
  const [fromMs, toMs] = ["start_date", "end_date"].map((name) => timeOf(call.query.get(name)));
  if (fromMs === null || fromMs === undefined) return problem(400, "invalid start_date");
  const endMs = toMs ?? context.now();
  if (endMs - fromMs > LONGEST_DAYS * DAY_MS) return problem(400, "request is longer than 1825 days");
  if (call.query.get("to_webhook") !== "false") return json(200, { status: "success", type: kind, reference: uuidOf(context.seed, "terra-reference", context.now()), user: shown(found) });
  const hasSamples = call.query.get("with_samples") === "true";
  return json(200, { status: "success", type: kind, user: shown(found), data: dataOf(context, person, kind, { fromMs, toMs: Math.min(endMs, context.now()), nowMs: context.now(), hasSamples, provider: found.provider }) });
}

/** A date, or ten digits of seconds. */
function timeOf(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? (parseInstant(`${text}T00:00:00Z`)?.ms ?? null) : null;
}

function pushOf({ context, state: kept }: World, person: Person, body: { type: string } & Record<string, unknown>, dueMs: number): Push {
  kept.count += 1;
  const trace = uuidOf(context.seed, "terra-trace", kept.count);
  return {
    person: person.who.id, what: body.type, url: context.webhookUrl ?? "", dueMs, body: () => JSON.stringify(body),
    headers: { "content-type": "application/json", "x-terra-trace-id": trace, "x-terra-ordering-timestamp": String(context.now()) },
    sign: (sent, { nowMs }) => {
      const time = String(Math.floor(nowMs / 1000));
      return { [context.position("header")]: `t=${time},v1=${hmacOf(`${time}.${sent}`, context.extra("signing_secret"))}` };
    },
  };
}

function pushesOf(world: World, person: Person, what: string): Push[] {
  const { context } = world;
  if (context.webhookUrl === null) return [];
  if (what === "healthcheck") return [pushOf(world, person, { type: what, creation_timestamp: new Date(context.now()).toISOString(), trend_percentage: 0, sent_webhooks_last_hour: 1 }, context.now())];
  return usersOf(world, person).flatMap((found) => {
    const kind = KINDS.find((one) => one === what);
    if (kind) return dataPushes(world, person, found, { kind, fromMs: context.now() - 2 * DAY_MS });
    if (what === "user_reauth") {
      found.isActive = false;
      const next: User = { ...found, id: uuidOf(context.seed, "terra-again", found.id, context.now()), isActive: true };
      world.state.users.push(next);
      return [pushOf(world, person, { type: what, status: "warning", message: "…", old_user: shown(found), new_user: shown(next) }, context.now())];
    }
    if (what === "access_revoked") found.isActive = false;
    return [pushOf(world, person, { type: what, status: "warning", message: "…", user: shown(found) }, context.now())];
  });
}

function dataPushes(world: World, person: Person, found: User, { kind, fromMs }: { kind: Kind; fromMs: number }): Push[] {
  const { context } = world;
  const data = dataOf(context, person, kind, { fromMs, toMs: context.now(), nowMs: context.now(), hasSamples: true, provider: found.provider });
  return data.length === 0 ? [] : [pushOf(world, person, { type: kind, version: "2022-03-16", user: shown(found), data }, context.now())];
}

/** Twice an hour whatever is new since the last time, days and bodies as supersets of what was told before. */
function tick(world: World): void {
  const { context, state: kept } = world;
  for (const found of kept.users) {
    const person = personOf(context, found.personId);
    if (!person || !found.isActive || context.webhookUrl === null || context.now() - found.toldMs < 1_800_000) continue;
    const sinceMs = Math.max(found.toldMs, context.now() - 7 * DAY_MS);
    found.toldMs = context.now();
    for (const kind of KINDS) context.outbox.add(...dataPushes(world, person, found, { kind, fromMs: kind === "daily" || kind === "body" ? context.now() - DAY_MS : sinceMs - DAY_MS }));
  }
}
