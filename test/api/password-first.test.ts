/** An account that must change its password does nothing else before. ASVS 5.0 6.4.1; requirement D2. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { problemOf } from "./kit.ts";

const NEXT = "a passphrase of my own choice";
const ID = "00000000-0000-4000-8000-000000000000";
const OPEN = ["GET /api/v1/session", "DELETE /api/v1/session", "GET /api/v1/me", "POST /api/v1/me/password"];
let test: TestApp;
let userId: string;
const EMAIL = "first@example.org";

beforeAll(async () => {
  test = await startTestApp();
  // With every role, so that nothing else refuses.
  ({ userId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email: EMAIL, password: TEST_PASSWORD, displayName: "First", roles: ["patient", "clinician", "admin", "follower"], zone: "UTC" }));
});
afterAll(() => test.close());

const mustChange = (must: boolean) => test.db.asOwner("update users set must_change_password = $2 where id = $1", [userId, must]);
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
const call = (token: string, method: Method, url: string, payload?: object) => test.request({ method, url, headers: { authorization: `Bearer ${token}` }, ...(payload ? { payload } : {}) });

describe("a password that must be changed", () => {
  it("is changed before anything else, whatever route is asked", async () => {
    await mustChange(true);
    const token = await test.signIn(EMAIL);
    const { paths } = (await test.request({ method: "GET", url: "/openapi.json" })).json<{ paths: Record<string, Record<string, { "x-access"?: { who: string } }>> }>();
    const routes = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { "x-access": access }]) => ({ path, method: method.toUpperCase() as Method, who: access?.who })));
    const held = routes.filter(({ who }) => who === "user" || who === "patient");
    expect(held.length).toBeGreaterThan(80);
    for (const { path, method } of held) {
      const name = `${method} ${path}`;
      if (OPEN.includes(name)) continue;
      const answer = await call(token, method, path.replace("{patientId}", "me").replaceAll(/\{\w+\}/g, ID));
      expect(problemOf(answer), name).toMatchObject({ status: 403, code: "password_change_required" });
    }
    expect(OPEN.filter((name) => !held.some(({ method, path }) => name === `${method} ${path}`)), "all of these are routes").toEqual([]);
  });

  it("lets its person read who they are, change it and go on at once, or sign out", async () => {
    await mustChange(true);
    const leaving = await test.signIn(EMAIL);
    expect((await call(leaving, "DELETE", "/api/v1/session")).statusCode).toBe(204);
    const { token } = await test.app.api.sessions.open({ userId, organizationId: test.people.organizationId }, "cookie");
    const cookies = { "__Host-islet_session": token };
    const get = (path: string) => test.request({ method: "GET", url: `/api/v1${path}`, cookies });
    expect((await get("/me")).statusCode).toBe(200);
    expect((await get("/patients")).statusCode).toBe(403);
    const { csrfToken } = (await get("/session")).json<{ csrfToken: string }>();
    const changed = await test.request({ method: "POST", url: "/api/v1/me/password", cookies, headers: { "x-csrf-token": csrfToken }, payload: { currentPassword: TEST_PASSWORD, newPassword: NEXT } });
    expect(changed.statusCode, changed.body).toBe(204);
    expect((await get("/patients")).statusCode).toBe(200);
  });

  it("changed by another process is heard of at once, and asked of a running session within seconds", async () => {
    const { token } = await test.app.api.sessions.open({ userId, organizationId: test.people.organizationId }, "bearer");
    const patients = async (): Promise<number> => (await call(token, "GET", "/api/v1/patients")).statusCode;
    expect(await patients()).toBe(200);
    await mustChange(true);
    test.clock.advance(5_000);
    expect(await patients()).toBe(403);
    await mustChange(false);
    expect(await patients()).toBe(200);
  });

  it("holds a browser as it holds a program", async () => {
    await mustChange(true);
    const { token } = await test.app.api.sessions.open({ userId, organizationId: test.people.organizationId }, "cookie");
    const by = (url: string) => test.request({ method: "GET", url, cookies: { "__Host-islet_session": token } });
    expect((await by("/api/v1/session")).statusCode).toBe(200);
    expect(problemOf(await by("/api/v1/patients")).code).toBe("password_change_required");
  });
});
