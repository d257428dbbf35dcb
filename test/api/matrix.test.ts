/**
 * The authorization matrix: every route of the OpenAPI document × every kind of caller × one's own, a granted, a foreign and a missing patient. What is expected
 * follows from the reviewed table in `calls.ts`, not from what the code declares; that both say the same is a test of its own (faults §4.6).
 */
import { randomUUID } from "node:crypto";
import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import type { Role } from "#people/sessions/sessions.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { CALLS, requestOf, restore, routesOf, seed, type Ids, type Route, type Who } from "./calls.ts";
import { problemOf } from "./kit.ts";

const METRICS_TOKEN = "the-operators-own-token";
const SCOPES = ["view", "upload", "manage"] as const;
type Scope = (typeof SCOPES)[number];
type Place = "own" | "granted" | "foreign" | "missing";

interface Actor {
  readonly person: Person | null;
  readonly token?: string;
  readonly roles: readonly Role[];
  /** What this caller holds on the patient. */
  readonly holds: Scope | null;
}

let test: TestApp;
let ids: Ids;
let actors: Readonly<Record<string, Actor>>;
/** Brings back what a call has ended. */
let mend: () => Promise<void>;

async function person(name: string, role: Role, organizationId: string): Promise<Person> {
  const email = `${name}@matrix.example`;
  const { userId, patientId } = await createUser(test.db.database, { organizationId, email, password: TEST_PASSWORD, displayName: name, roles: [role], zone: "UTC" });
  return { email, userId, patientId, token: await test.signIn(email) };
}

beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_METRICS_TOKEN: METRICS_TOKEN } });
  ids = await seed(test);
  const { patient, stranger, clinician, foreigner, organizationId } = test.people;
  const [elsewhere] = await test.db.asOwner<{ id: string }>("select organization_id as id from patients where id = $1", [foreigner.patientId]);
  const grant = (to: Person, scope: Scope, span = "now() - interval '1 hour', 'infinity'") =>
    test.db.asOwner(
      `insert into grants (organization_id, patient_id, user_id, scope, valid_from, valid_to) values ($1, $2, $3, $4, ${span})
       on conflict (patient_id, user_id) do update set scope = excluded.scope, valid_from = excluded.valid_from, valid_to = excluded.valid_to`,
      [organizationId, patient.patientId, to.userId, scope],
    );
  const [uploader, carer, late, other, admin, blocked, treating] = await Promise.all([
    person("uploader", "follower", organizationId), person("carer", "follower", organizationId), person("late", "clinician", organizationId),
    person("other", "clinician", elsewhere!.id), person("admin", "admin", organizationId), person("blocked", "clinician", organizationId), person("treating", "clinician", organizationId),
  ]);
  mend = async () => {
    await restore(test, ids);
    await grant(uploader, "upload");
    await grant(carer, "manage");
    await grant(treating, "manage");
    await grant(late, "view", "now() - interval '2 days', now() - interval '1 day'");
    await grant(blocked, "view");
  };
  await mend();
  await test.db.asOwner("update users set blocked_at = now() where id = $1", [blocked.userId]);
  actors = {
    nobody: { person: null, roles: [], holds: null },
    "a made-up token": { person: null, token: "x".repeat(43), roles: [], holds: null },
    "a blocked clinician": { person: null, token: blocked.token, roles: [], holds: null },
    "the patient": { person: patient, roles: ["patient"], holds: "manage" },
    "another patient": { person: stranger, roles: ["patient"], holds: null },
    "a clinician with a grant to view": { person: clinician, roles: ["clinician"], holds: "view" },
    "a clinician whose grant has ended": { person: late, roles: ["clinician"], holds: null },
    "a clinician of another clinic": { person: other, roles: ["clinician"], holds: null },
    "a follower who may upload": { person: uploader, roles: ["follower"], holds: "upload" },
    "a follower who may manage": { person: carer, roles: ["follower"], holds: "manage" },
    "a clinician who may manage": { person: treating, roles: ["clinician"], holds: "manage" },
    "an admin": { person: admin, roles: ["admin"], holds: null },
  };
});
afterAll(() => test.close());

const isOfPatient = (who: Who): who is Scope | "self" | "treat" | "treating" | "author" => ["self", "treat", "treating", "author"].includes(who) || (SCOPES as readonly string[]).includes(who);
const isSignedIn = (actor: Actor): boolean => actor.person !== null;

function patientAt(place: Place, actor: Actor): string | null {
  const { patient, foreigner } = test.people;
  return { own: actor.person?.patientId ?? null, granted: patient.patientId, foreign: foreigner.patientId, missing: randomUUID() }[place];
}

/** The reviewed answer: the status of a refusal, or "let in". */
function expected(who: Who, actor: Actor, place: Place): 401 | 403 | 404 | "let in" {
  if (who === "anyone" || who === "vendor") return "let in";
  if (who === "operator" || who === "device" || !isSignedIn(actor)) return 401;
  if (who === "user") return "let in";
  if (who === "clinician" || who === "admin" || who === "clinician admin") return actor.roles.some((role) => who.split(" ").includes(role)) ? "let in" : 403;
  const held = place === "own" ? "manage" : place === "granted" ? actor.holds : null;
  if (held === null) return 404;
  if (who === "treat") return actor.roles.includes("clinician") ? "let in" : 403;
  if (who === "self") return place === "own" || actor.person === test.people.patient ? "let in" : 403;
  // Of somebody else there is no such entry.
  if (who === "author" && place === "own" && actor.person !== test.people.patient) return "let in";
  if (who === "treating" || who === "author") return held === "manage" && actor.roles.includes("clinician") && place !== "own" ? "let in" : 403;
  return SCOPES.indexOf(held) >= SCOPES.indexOf(who) ? "let in" : 403;
}

const NO_PATIENT = "There is no such patient.";

/** What the answer says of permission alone: what comes after it (a conflict, a missing part) is no refusal. */
function refusalOf(answer: LightMyRequestResponse, who: Who): 401 | 403 | 404 | "let in" {
  const { statusCode } = answer;
  if (who === "anyone" || who === "vendor") return "let in";
  if (statusCode === 401 || statusCode === 403) return statusCode;
  return statusCode === 404 && isOfPatient(who) && problemOf(answer).detail === NO_PATIENT ? 404 : "let in";
}

async function ask(route: Route, actor: Actor, patientId: string): Promise<LightMyRequestResponse> {
  const request = requestOf(route, patientId, ids);
  const token = actor.token ?? actor.person?.token;
  const headers: Record<string, string> = { ...CALLS[route.name]!.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  // A stream never ends: its head is enough.
  if (route.path.endsWith("/live")) {
    const stop = new AbortController();
    const answer = await fetch(`${test.origin}${request.url}`, { headers, signal: stop.signal });
    const body = answer.ok ? "" : await answer.text();
    stop.abort();
    return { statusCode: answer.status, body, headers: Object.fromEntries(answer.headers), json: () => JSON.parse(body) as unknown } as LightMyRequestResponse;
  }
  return test.request({ ...request, headers });
}

/** Sign-out would end the caller's only session. */
const isSafeToRepeat = (route: Route): boolean => route.name !== "delete /api/v1/session";

describe("the authorization matrix", () => {
  it("has a line for every route, no line for what is no route, and says what the routes declare [AU-16]", async () => {
    const routes = await routesOf(test);
    expect(routes.map(({ name }) => name).toSorted()).toEqual(Object.keys(CALLS).toSorted());
    for (const { name, access } of routes) {
      const declared = access.who === "patient" ? (access.roles ? "treat" : access.scope) : access.who === "user" ? (access.roles?.join(" ") ?? "user") : access.who;
      const { who } = CALLS[name]!;
      expect(declared, name).toBe(["self", "treating", "author"].includes(who) ? "manage" : who);
    }
  });

  it("is as reviewed for every caller and patient, and no answer is an error of ours [AU-13] [AU-14] [AU-16]", async () => {
    const unexpected: string[] = [];
    let cells = 0;
    const routes = await routesOf(test);
    for (const route of routes.filter(isSafeToRepeat)) {
      const { who } = CALLS[route.name]!;
      const places: readonly Place[] = isOfPatient(who) ? ["own", "granted", "foreign", "missing"] : ["own"];
      for (const [name, actor] of Object.entries(actors)) {
        for (const place of places) {
          const patientId = patientAt(place, actor) ?? (isOfPatient(who) ? null : randomUUID());
          if (patientId === null) continue;
          if (route.method !== "GET") await mend();
          const answer = await ask(route, actor, patientId);
          const found = refusalOf(answer, who);
          cells += 1;
          if (found !== expected(who, actor, place) || answer.statusCode >= 500) unexpected.push(`${route.name}: ${name}, ${place}: ${answer.statusCode}, expected ${expected(who, actor, place)}`);
        }
      }
    }
    expect(unexpected).toEqual([]);
    expect(cells).toBeGreaterThan(routes.length * 11);
  }, 240_000);

  it("answers one and the same for a foreign and a missing patient, byte by byte [AU-13]", async () => {
    const bare = (answer: LightMyRequestResponse): object => ({ ...problemOf(answer), instance: "", trace_id: "" });
    for (const route of (await routesOf(test)).filter(({ name }) => isOfPatient(CALLS[name]!.who))) {
      for (const [name, actor] of Object.entries(actors).filter(([, each]) => isSignedIn(each))) {
        const foreign = await ask(route, actor, test.people.foreigner.patientId!);
        const missing = await ask(route, actor, randomUUID());
        expect(bare(foreign), `${route.name}: ${name}`).toEqual(bare(missing));
        expect(foreign.headers["content-length"], `${route.name}: ${name}`).toBe(missing.headers["content-length"]);
      }
    }
  }, 240_000);
});
