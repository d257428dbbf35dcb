/** Keys of apps: made once, of use for what they name, and for nothing about accounts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { DAY, give, iso, MINUTE, NOW_MS, problemOf, readings } from "./kit.ts";

let test: TestApp;
/** Who signs in anew for each test: a key is made within ten minutes of a proof. */
const ADMIN = "admin@example.org";
beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_API_KEY_LIMIT: "50" } });
  await createUser(test.db.database, { organizationId: test.people.organizationId, email: ADMIN, password: TEST_PASSWORD, displayName: "Admin", roles: ["admin"], zone: "UTC" });
  await give(test, test.people.patient, { records: readings([100, 110], NOW_MS - MINUTE) });
});
afterAll(() => test.close());

interface Made {
  readonly id: string; readonly key: string; readonly publicId: string; readonly expiresAt: string; readonly isOwnOnly: boolean;
}

const as = (token: string, method: "GET" | "POST" | "PUT" | "DELETE" | "PATCH", path: string, payload?: object): Promise<LightMyRequestResponse> =>
  test.request({ method, url: `/api/v1${path}`, headers: { authorization: `Bearer ${token}` }, ...(payload ? { payload } : {}) } as InjectOptions);
const ask = async (email: string, request: object): Promise<LightMyRequestResponse> => as(await test.signIn(email), "POST", "/api-keys", request);
const make = async (scopes: readonly string[], email = test.people.patient.email, more: object = {}): Promise<Made> => (await ask(email, { name: "An app", scopes, ...more })).json<Made>();
const reading = { readings: [{ at: iso(NOW_MS - 90 * MINUTE), value: 104, unit: "mg/dL" }] };

describe("a key of an app", () => {
  it("is shown once, rests as a digest and ends after ninety days", async () => {
    const made = await make(["data:read"]);
    expect(made).toMatchObject({ isOwnOnly: true, expiresAt: iso(test.clock.now() + 90 * DAY), key: expect.stringMatching(/^islet_[0-9a-z]{8}_[0-9A-Za-z]{49}$/) as string });
    expect(made.key).toContain(made.publicId);
    const secret = made.key.split("_")[2]!;
    const list = await as(await test.signIn(test.people.patient.email), "GET", "/api-keys");
    expect(list.body).toContain(made.publicId);
    const rows = await test.db.asOwner("select *, encode(secret_hash, 'escape') as e from api_keys");
    const lines = await test.db.asOwner("select * from audit_log where action = 'api_key.created'");
    for (const text of [list.body, JSON.stringify(rows), JSON.stringify(lines)]) expect(text).not.toContain(secret);
    expect((await as(made.key, "GET", "/patients/me/glucose/latest")).statusCode).toBe(200);
    test.clock.advance(90 * DAY);
    expect((await as(made.key, "GET", "/patients/me/glucose/latest")).statusCode).toBe(401);
    test.clock.advance(-90 * DAY);
  });

  it("does what its scopes name, and is told 403 for the rest", async () => {
    const read = (key: string) => as(key, "GET", "/patients/me/glucose/latest");
    const write = (key: string) => as(key, "POST", "/patients/me/readings", reading);
    const manage = (key: string) => as(key, "POST", "/patients/me/connections", { provider: "dexcom" });
    const outcomes = async (...scopes: string[]): Promise<number[]> => {
      const { key } = await make(scopes);
      return [(await read(key)).statusCode, (await write(key)).statusCode, (await manage(key)).statusCode];
    };
    expect(await outcomes("data:read")).toEqual([200, 403, 403]);
    expect(await outcomes("data:write")).toEqual([403, 201, 403]);
    expect(await outcomes("data:manage")).toEqual([403, 403, 201]);
    expect(await outcomes("data:read", "data:write", "data:read")).toEqual([200, 200, 403]);
  });

  it("is of no use for sessions, tokens, keys, proofs or accounts [AU-17]", async () => {
    const { key } = await make(["admin", "data:read", "data:write", "data:manage", "patients:read"], ADMIN);
    const calls = [
      ["GET", "/session"], ["DELETE", "/session"], ["POST", "/session/proof", { password: TEST_PASSWORD }], ["GET", "/me/sessions"], ["DELETE", "/me/sessions"],
      ["GET", "/api-keys"], ["POST", "/api-keys", { name: "Another", scopes: ["data:read"] }], ["DELETE", "/api-keys/00000000-0000-4000-8000-000000000000"], ["PATCH", "/me", { locale: "es" }],
    ] as const;
    for (const [method, path, payload] of calls) expect((await as(key, method, path, payload)).statusCode, `${method} ${path}`).toBe(403);
    expect((await as(key, "GET", "/me")).statusCode).toBe(200);
    const refresh = await test.request({ method: "POST", url: "/api/v1/tokens", payload: { grant: "refresh_token", refreshToken: key } });
    expect(refresh.statusCode).toBe(401);
    const cookie = await test.request({ method: "GET", url: "/api/v1/me", headers: { cookie: `__Host-islet_session=${key}` } });
    expect(cookie.statusCode, "nor a cookie").toBe(401);
  });

  it("of a person opens their own data alone, also where they may see another's [AU-13]", async () => {
    const { patient, stranger, clinician } = test.people;
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) values ($1, $2, $3, 'view')", [test.people.organizationId, stranger.patientId, patient.userId]);
    const { key } = await make(["data:read"]);
    const [theirs, missing] = [await as(key, "GET", `/patients/${stranger.patientId}/glucose/latest`), await as(key, "GET", "/patients/00000000-0000-4000-8000-000000000000/glucose/latest")];
    expect(theirs.statusCode).toBe(404);
    expect({ ...problemOf(theirs), instance: "", trace_id: "" }).toEqual({ ...problemOf(missing), instance: "", trace_id: "" });
    expect((await as(key, "GET", `/patients/${patient.patientId}/glucose/latest`)).statusCode).toBe(200);
    await test.db.asOwner("delete from grants where user_id = $1", [patient.userId]);
    expect((await ask(clinician.email, { name: "x", scopes: ["data:read"] })).statusCode, "a clinician has no data of their own").toBe(409);
    for (const scope of ["patients:read", "admin"]) expect((await ask(patient.email, { name: "x", scopes: [scope] })).statusCode, scope).toBe(400);
  });

  it("of an admin reaches whom the admin may see, and is dead once there is no admin any more", async () => {
    const { patient } = test.people;
    const { key } = await make(["data:read", "patients:read"], ADMIN);
    const path = `/patients/${patient.patientId}/glucose/latest`;
    expect((await as(key, "GET", path)).statusCode).toBe(404);
    await test.db.asOwner("insert into grants (organization_id, patient_id, user_id, scope) select $1, $2, id, 'view' from users where email = $3", [test.people.organizationId, patient.patientId, ADMIN]);
    expect((await as(key, "GET", path)).statusCode).toBe(200);
    expect((await as(key, "GET", "/patients")).json<{ data: unknown[] }>().data).toHaveLength(1);
    expect((await as(key, "GET", "/inbox/counts")).statusCode, "without the scope admin").toBe(403);
    await test.db.asOwner("update users set roles = '{clinician}' where email = $1", [ADMIN]);
    test.clock.advance(5_000);
    expect((await as(key, "GET", path)).statusCode).toBe(401);
    await test.db.asOwner("update users set roles = '{admin}' where email = $1", [ADMIN]);
  });

  it("dies with a revocation at once, elsewhere and with a block within five seconds [AU-08]", async () => {
    const [one, other] = [await make(["data:read"]), await make(["data:read"])];
    for (const { key } of [one, other]) expect((await as(key, "GET", "/me")).statusCode).toBe(200);
    const token = await test.signIn(test.people.patient.email);
    expect((await as(await test.signIn(test.people.stranger.email), "DELETE", `/api-keys/${one.id}`)).statusCode, "somebody else's").toBe(404);
    expect((await as(token, "DELETE", `/api-keys/${one.id}`)).statusCode).toBe(204);
    expect((await as(token, "DELETE", `/api-keys/${one.id}`)).statusCode).toBe(404);
    expect((await as(one.key, "GET", "/me")).statusCode).toBe(401);
    await test.db.asOwner("update users set blocked_at = now() where id = $1", [test.people.patient.userId]);
    test.clock.advance(5_000);
    expect((await as(other.key, "GET", "/me")).statusCode).toBe(401);
    await test.db.asOwner("update users set blocked_at = null");
  });

  it("is told with its owner to an admin of the same organization, and to nobody else", async () => {
    const { publicId } = await make(["data:read"]);
    const seen = async (email: string): Promise<boolean> => (await as(await test.signIn(email), "GET", "/api-keys")).body.includes(publicId);
    expect([await seen(test.people.patient.email), await seen(ADMIN), await seen(test.people.stranger.email), await seen(test.people.foreigner.email)]).toEqual([true, true, false, false]);
  });

  it("says when it was last used, without a write for every call", async () => {
    const { key, id } = await make(["data:read"]);
    const used = async () => (await test.db.asOwner<{ used: Date | null }>("select last_used_at as used from api_keys where id = $1", [id]))[0]!.used?.getTime() ?? null;
    expect(await used()).toBeNull();
    await as(key, "GET", "/me");
    const first = test.clock.now();
    expect(await used()).toBe(first);
    test.clock.advance(5 * MINUTE - 1);
    await as(key, "GET", "/me");
    expect(await used()).toBe(first);
    test.clock.advance(1);
    await as(key, "GET", "/me");
    expect(await used()).toBe(first + 5 * MINUTE);
  });

  it("is answered 429 beyond its limit of the minute, without harm to another", async () => {
    test.clock.advance(MINUTE);
    const [busy, calm] = [await make(["data:read"]), await make(["data:read"])];
    for (let turn = 0; turn < 50; turn += 1) expect((await as(busy.key, "GET", "/me")).statusCode).toBe(200);
    const refused = await as(busy.key, "GET", "/me");
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect((await as(calm.key, "GET", "/me")).statusCode).toBe(200);
    test.clock.advance(MINUTE);
    expect((await as(busy.key, "GET", "/me")).statusCode).toBe(200);
  });
});

describe("making a key", () => {
  it("needs a fresh proof, a name, scopes that there are, and at most a year", async () => {
    const token = await test.signIn(test.people.patient.email);
    for (const bad of [{}, { name: "", scopes: ["data:read"] }, { name: "x", scopes: [] }, { name: "x", scopes: ["everything"] }, { name: "x", scopes: ["data:read"], days: 366 }, { name: "x", scopes: ["data:read"], days: 0 }, { name: "x".repeat(81), scopes: ["data:read"] }]) {
      expect((await as(token, "POST", "/api-keys", bad)).statusCode, JSON.stringify(bad)).toBe(400);
    }
    test.clock.advance(10 * MINUTE + 1);
    const late = await as(token, "POST", "/api-keys", { name: "x", scopes: ["data:read"] });
    expect([late.statusCode, problemOf(late).code]).toEqual([403, "proof_required"]);
    expect((await ask(test.people.patient.email, { name: "x", scopes: ["data:read"], days: 365 })).statusCode).toBe(201);
  });

  it("takes twenty at most, also when many are asked for at once", async () => {
    const token = await test.signIn(test.people.stranger.email);
    const answers = await Promise.all(Array.from({ length: 25 }, () => as(token, "POST", "/api-keys", { name: "x", scopes: ["data:read"] })));
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(20);
    expect(answers.filter(({ statusCode }) => statusCode === 409)).toHaveLength(5);
  });
});
