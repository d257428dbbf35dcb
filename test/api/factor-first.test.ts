/** Where an organization requires a second factor of its staff, whoever has none sets one up before anything else. ASVS 5.0 6.3.3. */
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { problemOf } from "./kit.ts";

const ID = "00000000-0000-4000-8000-000000000000";
const OPEN = [
  "GET /api/v1/session", "DELETE /api/v1/session", "GET /api/v1/me", "PATCH /api/v1/me", "POST /api/v1/me/password", "POST /api/v1/session/proof", "GET /api/v1/me/second-factors", "POST /api/v1/me/second-factors/totp",
  "POST /api/v1/me/second-factors/totp/{factorId}/confirm", "POST /api/v1/me/second-factors/passkeys/options", "POST /api/v1/me/second-factors/passkeys",
];
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
let test: TestApp;
let admin: Person;
beforeAll(async () => {
  test = await startTestApp();
  const email = "admin@example.org";
  // With every role, so that nothing else refuses.
  const { userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "admin", roles: ["patient", "clinician", "admin", "follower"], zone: "UTC" });
  admin = { email, userId, patientId: null, token: "" };
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.asOwner("delete from second_factors");
  await require("optional");
  admin = { ...admin, token: (await test.app.api.sessions.open({ userId: admin.userId, organizationId: test.people.organizationId }, "bearer")).token };
});

async function require(what: "optional" | "required"): Promise<void> {
  await test.db.asOwner("update organizations set staff_second_factor = $2 where id = $1", [test.people.organizationId, what]);
  test.app.api.sessions.forget();
}
const call = (as: Person, method: Method, url: string, payload?: object) => test.request({ as, method, url, ...(payload ? { payload } : {}) });

/** Sets an authenticator app up by the API; gives what the last step answered. */
async function addApp(as: Person) {
  const begun = await call(as, "POST", "/api/v1/me/second-factors/totp", { name: "Phone" });
  expect(begun.statusCode, begun.body).toBe(201);
  const { id, secret } = begun.json<{ id: string; secret: string }>();
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: test.clock.now() });
  return call(as, "POST", `/api/v1/me/second-factors/totp/${id}/confirm`, { code });
}

describe("a second factor that the organization requires", () => {
  it("is set up before anything else, whatever route is asked [ASVS 6.3.3]", async () => {
    await require("required");
    const { paths } = (await test.request({ method: "GET", url: "/openapi.json" })).json<{ paths: Record<string, Record<string, { "x-access"?: { who: string } }>> }>();
    const routes = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { "x-access": access }]) => ({ path, method: method.toUpperCase() as Method, who: access?.who })));
    const held = routes.filter(({ who }) => who === "user" || who === "patient");
    expect(held.length).toBeGreaterThan(80);
    for (const { path, method } of held) {
      const name = `${method} ${path}`;
      if (OPEN.includes(name)) continue;
      const answer = await call(admin, method, path.replace("{patientId}", "me").replaceAll(/\{\w+\}/g, ID));
      expect(problemOf(answer), name).toMatchObject({ status: 403, code: "second_factor_required" });
    }
    expect(OPEN.filter((name) => !held.some(({ method, path }) => name === `${method} ${path}`)), "all of these are routes").toEqual([]);
  });

  it("once set up lets its person go on at once; taken away, it is required anew", async () => {
    await require("required");
    expect((await call(admin, "GET", "/api/v1/session")).json()).toMatchObject({ mustAddSecondFactor: true });
    expect(problemOf(await call(admin, "GET", "/api/v1/users")).code).toBe("second_factor_required");
    expect((await addApp(admin)).json()).toMatchObject({ recoveryCodes: expect.any(Array) as unknown });
    expect((await call(admin, "GET", "/api/v1/users")).statusCode).toBe(200);
    expect((await call(admin, "GET", "/api/v1/session")).json()).not.toHaveProperty("mustAddSecondFactor");
    const [{ id }] = (await call(admin, "GET", "/api/v1/me/second-factors")).json<{ data: [{ id: string }] }>().data;
    expect((await call(admin, "DELETE", `/api/v1/me/second-factors/${id}`)).statusCode).toBe(204);
    test.clock.advance(5_000);
    expect(problemOf(await call(admin, "GET", "/api/v1/users")).code).toBe("second_factor_required");
  });

  it("is asked of clinicians and admins of that organization, not of patients, and holds a browser as a program", async () => {
    await require("required");
    const { patient, clinician, foreigner } = test.people;
    expect((await call(patient, "GET", "/api/v1/patients")).statusCode).toBe(200);
    expect((await call(foreigner, "GET", "/api/v1/patients")).statusCode).toBe(200);
    expect(problemOf(await call(clinician, "GET", "/api/v1/patients")).code).toBe("second_factor_required");
    const { token } = await test.app.api.sessions.open({ userId: clinician.userId, organizationId: test.people.organizationId }, "cookie");
    const by = (url: string) => test.request({ method: "GET", url, cookies: { "__Host-islet_session": token } });
    expect((await by("/api/v1/session")).statusCode).toBe(200);
    expect(problemOf(await by("/api/v1/patients")).code).toBe("second_factor_required");
  });

  it("can be required by an admin alone who has one, after a fresh proof, and stands in the audit log", async () => {
    const ask = async (what: string) => {
      const { etag } = (await call(admin, "GET", "/api/v1/organization")).headers;
      return test.request({ as: admin, method: "PATCH", url: "/api/v1/organization", payload: { staffSecondFactor: what }, headers: { "if-match": String(etag) } });
    };
    expect(problemOf(await ask("required"))).toMatchObject({ status: 409, code: "second_factor_first" });
    expect((await addApp(admin)).statusCode).toBe(200);
    expect((await ask("required")).json()).toMatchObject({ staffSecondFactor: "required" });
    expect(problemOf(await call(test.people.clinician, "GET", "/api/v1/patients")).code).toBe("second_factor_required");
    test.clock.advance(11 * 60_000);
    expect(problemOf(await ask("optional")).code).toBe("proof_required");
    const entries = await test.db.asOwner<{ action: string }>("select action from audit_log where action like 'organization.second%' order by id");
    expect(entries.map(({ action }) => action)).toEqual(["organization.second_factor_required"]);
  });
});
