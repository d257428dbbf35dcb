/** Terra's webhooks: headers, signature and every kind of event. vendors/terra.md, Webhooks. */

import { DAY_MS } from "#units/time.ts";
import { personOf } from "../context.ts";
import type { Push } from "../outbox.ts";
import type { Person } from "../people/person.ts";
import { uuidOf } from "../people/rng.ts";
import { hmacOf } from "../signing.ts";
import { dataOf, KINDS, type Kind } from "./data.ts";
import { athlete, hormones, observations } from "./logs.ts";
import { API_VERSION, shown, usersOf, utc, type User, type World } from "./world.ts";

/** Objects of one payload. */
const CHUNK = 10;
const TELL_EVERY_MS = 1_800_000;
const FILE_SECONDS = 300;

type Body = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What is told of one account, by type. `null`: there is nothing to tell. */
const EVENTS: Readonly<Record<string, (world: World, found: User, person: Person) => Body | null>> = {
  auth: (_, found) => ({ type: "auth", status: "success", message: "authenticated", user: shown(found) }),
  auth_error: (_, found) => ({ type: "auth", status: "error", message: "not authenticated", reason: "access_denied", provider: found.provider, reference_id: found.reference, user: shown(found) }),
  auth_cancelled: (_, found) => ({ type: "auth_cancelled", status: "error", reason: "user_cancelled", reference_id: found.reference }),
  connection_error: (_, found) => warning("connection_error", found),
  google_no_datasource: (_, found) => warning("google_no_datasource", found),
  access_revoked: (_, found) => warning("access_revoked", found),
  deauth: (_, found) => ({ type: "deauth", status: "success", message: "deauthenticated", user: shown(found) }),
  permission_change: (_, found) => ({ ...warning("permission_change", found), version: API_VERSION, scopes_added: "", scopes_removed: "body" }),
  processing: (_, found) => ({ type: "processing", status: "success", message: "processing", user: shown(found), retry_after_seconds: 60 }),
  rate_limit_hit: ({ context }, found) => ({ type: "rate_limit_hit", message: "rate limit hit", user: shown(found), start_date: utc(context.now() - DAY_MS), end_date: utc(context.now()), retrying_at: utc(context.now() + 900_000) }),
  large_request_processing: (_, found) => ({ type: "large_request_processing", status: "processing", message: "processing", user: shown(found), reference: found.id }),
  large_request_sending: (_, found) => ({ type: "large_request_sending", message: "sending", user: shown(found), reference: found.id, expected_payloads: 3 }),
  s3_payload: ({ context }) => ({ type: "s3_payload", status: "success", url: `${context.baseUrl}/payload.json`, expires_in: FILE_SECONDS }),
  athlete: ({ context }, found, person) => ({ type: "athlete", version: API_VERSION, user: shown(found), athlete: athlete(person, context.now()) }),
  hormone: ({ context }, found, person) => withData("hormone", found, hormones(person, context.now())),
  health_observation: ({ context }, found, person) => withData("health_observation", found, observations(context, person, context.now())),
  planned_workout: (_, found) => withData("planned_workout", found, [{ metadata: { id: found.id, name: "Example plan" }, steps: [] }]),
};
/** Of the app, and of nobody. */
const APP_EVENTS: Readonly<Record<string, (world: World) => Body>> = {
  healthcheck: ({ context }) => ({ type: "healthcheck", creation_timestamp: new Date(context.now()).toISOString(), trend_percentage: 0, sent_webhooks_last_hour: 1 }),
  "lab_report.completed": ({ context }) => ({ type: "lab_report.completed", event_id: uuidOf(context.seed, "terra-lab", context.now()), occurred_at: utc(context.now()), data: {} }),
  "lab_report.failed": ({ context }) => ({ type: "lab_report.failed", event_id: uuidOf(context.seed, "terra-lab", context.now()), occurred_at: utc(context.now()), data: {} }),
};

export const PUSHES: readonly string[] = [...KINDS, ...Object.keys(EVENTS), "user_reauth", ...Object.keys(APP_EVENTS)];

function warning(type: string, found: User): Body {
  return { type, status: "warning", message: "…", user: shown(found) };
}

function withData(type: string, found: User, data: readonly object[]): Body | null {
  return data.length === 0 ? null : { type, version: API_VERSION, user: shown(found), data };
}

export interface Sending {
  readonly dueMs: number;
  /** Of the request that it answers. */
  readonly reference?: string;
  readonly trace?: string;
}

export function pushOf({ context, state: kept }: World, person: Person, body: Body, { dueMs, reference, trace }: Sending): Push {
  kept.count += 1;
  const id = trace ?? uuidOf(context.seed, "terra-trace", kept.count);
  return {
    person: person.who.id, what: body.type, url: context.webhookUrl ?? "", dueMs, body: () => JSON.stringify(body),
    headers: {
      "content-type": "application/json", "x-terra-trace-id": id, "x-terra-ordering-timestamp": String(context.now()), "terra-reference": reference ?? uuidOf(context.seed, "terra-reference", id),
    },
    sign: (sent, { nowMs }) => {
      const time = String(Math.floor(nowMs / 1000));
      const names = context.position("header") === "both" ? ["x-terra-signature", "terra-signature"] : [context.position("header")];
      const signature = `t=${time},v1=${hmacOf(`${time}.${sent}`, context.extra("signing_secret"))}`;
      return Object.fromEntries(names.map((name) => [name, signature]));
    },
  };
}

export function chunksOf(data: readonly object[]): object[][] {
  return Array.from({ length: Math.ceil(data.length / CHUNK) }, (_, index) => data.slice(index * CHUNK, (index + 1) * CHUNK));
}

/** What the portal's button sends. */
export function pushesOf(world: World, person: Person, what: string): Push[] {
  const { context } = world;
  const now: Sending = { dueMs: context.now() };
  if (context.webhookUrl === null) return [];
  if (Object.hasOwn(APP_EVENTS, what)) return [pushOf(world, person, APP_EVENTS[what]!(world), now)];
  return usersOf(world, person).flatMap((found) => {
    const kind = KINDS.find((one) => one === what);
    if (kind) return dataPushes(world, { person, found }, { kind, fromMs: context.now() - 2 * DAY_MS });
    if (what === "user_reauth") return reauthenticated(world, person, found);
    if (what === "permission_change") found.scopes = "activity,daily,sleep";
    if (what === "access_revoked" || what === "deauth") found.isActive = false;
    const body = EVENTS[what]?.(world, found, person) ?? null;
    return body ? [pushOf(world, person, body, now)] : [];
  });
}

/** The new account's own word comes as well. */
function reauthenticated(world: World, person: Person, found: User): Push[] {
  const { context } = world;
  found.isActive = false;
  const next: User = { ...found, id: uuidOf(context.seed, "terra-again", found.id, context.now()), isActive: true, madeMs: context.now() };
  world.state.users.push(next);
  const bodies: Body[] = [
    { type: "auth", status: "success", user: shown(next) }, { type: "user_reauth", status: "warning", message: "…", version: API_VERSION, old_user: shown(found), new_user: shown(next) },
  ];
  return bodies.map((body) => pushOf(world, person, body, { dueMs: context.now() }));
}

function dataPushes(world: World, { person, found }: { readonly person: Person; readonly found: User }, { kind, fromMs }: { readonly kind: Kind; readonly fromMs: number }): Push[] {
  const { context } = world;
  const data = dataOf(context, person, kind, { fromMs, toMs: context.now(), nowMs: context.now(), hasSamples: true, provider: found.provider });
  return chunksOf(data).map((part) => pushOf(world, person, { type: kind, version: API_VERSION, user: shown(found), data: part }, { dueMs: context.now() }));
}

/** Twice an hour whatever is new since the last time, days and bodies as supersets of what was told before. */
export function tick(world: World): void {
  const { context, state: kept } = world;
  for (const found of kept.users) {
    const person = personOf(context, found.personId);
    if (!person || !found.isActive || context.webhookUrl === null || context.now() - found.toldMs < TELL_EVERY_MS) continue;
    const sinceMs = Math.max(found.toldMs, context.now() - 7 * DAY_MS);
    found.toldMs = context.now();
    for (const kind of KINDS) context.outbox.add(...dataPushes(world, { person, found }, { kind, fromMs: kind === "daily" || kind === "body" ? context.now() - DAY_MS : sinceMs - DAY_MS }));
  }
}
