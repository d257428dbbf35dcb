/** Terra's page for connecting and what it tells of accounts. vendors/terra.md, Connecting a user, Identity, Deauthorisation. */

import { personOf } from "../context.ts";
import { formOf, json, jsonOf, redirect, withParameters, type Answer, type Call, type Route } from "../exchange.ts";
import { html, page } from "../html.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { API_VERSION, activeUser, problem, PROVIDERS, shown, usersOf, utc, type Session, type User, type World } from "./world.ts";
import { pushOf } from "./pushes.ts";

const SESSION_SECONDS = 900;
const TOKEN_SECONDS = 180;
const PER_PAGE = 500;

/** Behind the app's keys. */
export function accountRoutes(world: World): Pick<Route, "method" | "path" | "handle">[] {
  return [
    { method: "POST", path: "/auth/generateWidgetSession", handle: (call) => newSession(world, call) },
    { method: "POST", path: "/auth/authenticateUser", handle: (call) => authenticate(world, call) },
    { method: "POST", path: "/auth/generateAuthToken", handle: () => json(200, { status: "success", token: nextId(world, "terra-token"), expires_in: TOKEN_SECONDS }) },
    { method: "DELETE", path: "/auth/deauthenticateUser", handle: (call) => deauthenticate(world, call) },
    { method: "GET", path: "/userInfo", handle: (call) => userInfo(world, call) },
    { method: "POST", path: "/bulkUserInfo", handle: (call) => bulkUserInfo(world, call) },
    { method: "GET", path: "/subscriptions", handle: (call) => subscriptions(world, call) },
  ];
}

/** Open to everybody. */
export function pageRoutes(world: World): Route[] {
  return [
    { method: "GET", path: "/widget/session/:id", door: "page", handle: (call) => widget(world, call) },
    { method: "POST", path: "/widget/session/:id", door: "page", handle: (call) => choose(world, call) },
    { method: "GET", path: "/integrations", door: "data", handle: () => json(200, { status: "success", providers: PROVIDERS, sdk_providers: [] }) },
    { method: "GET", path: "/integrations/detailed", door: "data", handle: () => json(200, { status: "success", providers: PROVIDERS.map((provider) => ({ provider, name: provider, type: "api", active: true, icon: null })) }) },
  ];
}

function nextId({ context, state: kept }: World, kind: string): string {
  kept.count += 1;
  return uuidOf(context.seed, kind, kept.count, context.now());
}

function keepSession(world: World, call: Call, more: Pick<Session, "userId" | "providers">): string {
  const { context, state: kept } = world;
  const body = (jsonOf(call) ?? {}) as Record<string, unknown>;
  const [success, failure, reference] = ["auth_success_redirect_url", "auth_failure_redirect_url", "reference_id"].map((name) => (typeof body[name] === "string" ? body[name] : ""));
  const id = nextId(world, "terra-session");
  kept.sessions[id] = { reference: reference ?? "", success: success ?? "", failure: failure ?? "", expiresMs: context.now() + SESSION_SECONDS * 1000, ...more };
  return id;
}

function newSession(world: World, call: Call): Answer {
  const { providers } = (jsonOf(call) ?? {}) as Record<string, unknown>;
  const id = keepSession(world, call, { userId: null, providers: typeof providers === "string" ? providers : "" });
  return json(200, { status: "success", session_id: id, url: `${world.context.baseUrl}/widget/session/${id}`, expires_in: SESSION_SECONDS });
}

/** The account has its id before the person has agreed. */
function authenticate(world: World, call: Call): Answer {
  const provider = PROVIDERS.find((one) => one === call.query.get("resource"));
  if (!provider) return problem(404, "resource not found");
  const userId = nextId(world, "terra-direct");
  const id = keepSession(world, call, { userId, providers: provider });
  return json(200, { status: "success", user_id: userId, auth_url: `${world.context.baseUrl}/widget/session/${id}` });
}

function open({ context, state: kept }: World, call: Call): Session | null {
  const found = kept.sessions[call.params["id"] ?? ""];
  return found && found.expiresMs > context.now() && URL.canParse(found.success) ? found : null;
}

/** Those of the session, or of the dashboard. */
function offered({ providers }: Session): string[] {
  const asked = providers.split(",").map((one) => one.trim().toUpperCase());
  const known = PROVIDERS.filter((one) => asked.includes(one));
  return known.length > 0 ? known : PROVIDERS;
}

function widget(world: World, call: Call): Answer {
  const { context } = world;
  const found = open(world, call);
  if (!found) return page("Terra (simulated)", html`<section class="panel"><h1>This page has expired</h1></section>`, { status: 404 });
  const people = context.people.map(({ who }) => html`<option value="${who.id}">${who.name} · ${who.about}</option>`);
  const providers = offered(found).map((provider) => html`<option value="${provider}">${provider}</option>`);
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
  const person = form.has("person") ? personOf(context, form.get("person") ?? "") : context.people[0];
  if (form.get("decision") !== "allow") return cancelled(world, found, { id: call.params["id"] ?? "", person: person ?? context.people[0] });
  if (!person) return problem(404, "no such person");
  delete kept.sessions[call.params["id"] ?? ""];
  const provider = offered(found).find((one) => one === form.get("provider")) ?? offered(found)[0]!;
  const before = kept.users.find((one) => one.personId === person.who.id && one.provider === provider && one.reference === found.reference && one.isActive);
  const id = found.userId ?? (before ? uuidOf(context.seed, "terra-again", person.who.id, provider, context.now()) : idFor(world, person, provider));
  const made: User = { id, personId: person.who.id, provider, reference: found.reference, isActive: true, toldMs: context.now(), scopes: "activity,daily,sleep,body", madeMs: context.now() };
  if (before) before.isActive = false;
  kept.users.push(made);
  context.grants.open(person.who.id, []);
  const events = [
    { type: "auth", status: "success", message: "authenticated", widget_session_id: call.params["id"], user: shown(made) },
    ...(before ? [{ type: "user_reauth", status: "warning", message: "reauthenticated", version: API_VERSION, old_user: shown(before), new_user: shown(made) }] : []),
  ];
  if (context.webhookUrl !== null) context.outbox.add(...events.map((body) => pushOf(world, person, body, { dueMs: context.now() + 1_000 })));
  return redirect(withParameters(found.success, { user_id: id, reference_id: found.reference, resource: provider }));
}

/** Told without a user: there is none. */
function cancelled(world: World, found: Session, { id, person }: { readonly id: string; readonly person: Person }): Answer {
  const { context } = world;
  const body = { type: "auth_cancelled", status: "error", reason: "user_cancelled", reference_id: found.reference, flow_id: id };
  if (context.webhookUrl !== null) context.outbox.add(pushOf(world, person, body, { dueMs: context.now() }));
  return redirect(withParameters(found.failure, { reference_id: found.reference, reason: "user_cancelled" }));
}

function idFor({ context, state: { users } }: World, person: Person, provider: string): string {
  const plain = provider === PROVIDERS[0] ? uuidOf(context.seed, "terra", person.who.id) : uuidOf(context.seed, "terra", person.who.id, provider);
  return users.some(({ id, isActive }) => id === plain && isActive) ? uuidOf(context.seed, "terra", person.who.id, provider, users.length) : plain;
}

/** One account by its id, or a list of all that were made under a reference. */
function userInfo({ state: { users } }: World, call: Call): Answer {
  const reference = call.query.get("reference_id");
  if (reference !== null && !call.query.has("user_id")) return json(200, users.filter((one) => one.reference === reference && one.isActive).map(shown));
  const found = users.findLast(({ id }) => id === call.query.get("user_id"));
  if (!found) return problem(404, "user not found");
  return json(200, { status: "success", user: { ...shown(found), last_polled_at: utc(found.toldMs), most_recent_data_at: utc(found.toldMs) }, is_authenticated: found.isActive });
}

function bulkUserInfo({ state: { users } }: World, call: Call): Answer {
  const ids: unknown = jsonOf(call);
  if (!Array.isArray(ids)) return problem(400, "a list of user ids is expected");
  return json(200, users.filter(({ id, isActive }) => isActive && ids.includes(id)).map(shown));
}

function subscriptions({ state: { users } }: World, call: Call): Answer {
  const everyone = users.filter(({ isActive }) => isActive).map(shown);
  if (!call.query.has("page")) return json(200, { users: everyone });
  const [number, size] = [Number(call.query.get("page")), Number(call.query.get("per_page") ?? PER_PAGE)];
  if (!Number.isInteger(number) || number < 0 || !Number.isInteger(size) || size < 1) return problem(400, "invalid page");
  const last = Math.max(0, Math.ceil(everyone.length / size) - 1);
  return json(200, { data: { next: number < last ? number + 1 : null, max_page: last, results: everyone.slice(number * size, (number + 1) * size) } });
}

function deauthenticate(world: World, call: Call): Answer {
  const found = activeUser(world, call.query.get("user_id"));
  if (!found) return problem(404, "user not found");
  found.isActive = false;
  const person = personOf(world.context, found.personId);
  if (person) {
    if (usersOf(world, person).length === 0) world.context.grants.revoke(found.personId);
    if (world.context.webhookUrl !== null) world.context.outbox.add(pushOf(world, person, { type: "deauth", status: "success", message: "deauthenticated", user: shown(found) }, { dueMs: world.context.now() }));
  }
  return json(200, { status: "success" });
}
