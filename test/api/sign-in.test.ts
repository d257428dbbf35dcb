/** Signing in and out, the cookie, its CSRF defence, bearer tokens, oneself. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { HOUR, MINUTE, problemOf } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ sessionLives: {} });
});
afterAll(() => test.close());

interface SignedIn {
  readonly cookie: string;
  readonly csrf: string;
}

const post = (url: string, payload: object, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  test.request({ method: "POST", url, payload, headers });

async function signIn(email = test.people.patient.email): Promise<SignedIn> {
  const answer = await post("/api/v1/session", { email, password: TEST_PASSWORD });
  return { cookie: String(answer.headers["set-cookie"]).split(";")[0]!, csrf: answer.json<{ csrfToken: string }>().csrfToken };
}

const me = (headers: Record<string, string>): Promise<LightMyRequestResponse> => test.request({ method: "GET", url: "/api/v1/me", headers });

describe("signing in as a person", () => {
  it("sets a cookie for this host alone, hidden from scripts, sent over TLS and to no other site [AU-10]", async () => {
    const answer = await post("/api/v1/session", { email: test.people.patient.email, password: TEST_PASSWORD });
    expect(answer.statusCode).toBe(200);
    const [pair, ...attributes] = [answer.headers["set-cookie"]].flat()[0]!.split("; ");
    expect(pair).toMatch(/^__Host-islet_session=[A-Za-z0-9_-]{43}$/);
    expect(attributes.toSorted()).toEqual(["Expires=Fri, 16 Oct 2026 00:00:00 GMT", "HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.json()).toMatchObject({ email: test.people.patient.email, patientId: test.people.patient.patientId, roles: ["patient"], expiresAt: "2026-10-16T00:00:00.000Z" });
    expect(answer.body).not.toContain(TEST_PASSWORD);
  });

  it("answers a wrong password, an unknown account and a blocked one alike [AU-03]", async () => {
    await test.db.asOwner("update users set blocked_at = now() where email = $1", [test.people.stranger.email]);
    const tries = [
      { email: test.people.patient.email, password: "not the password" },
      { email: "nobody@example.org", password: "not the password" },
      { email: test.people.stranger.email, password: TEST_PASSWORD },
      { email: "nobody\u0000@example.org", password: "x" },
    ];
    const answers = [];
    for (const each of tries) answers.push(await post("/api/v1/session", each));
    await test.db.asOwner("update users set blocked_at = null");
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect({ ...problemOf(answer), trace_id: "" }).toEqual({ ...problemOf(answers[0]!), trace_id: "" });
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });

  it("takes the same time for an unknown account as for a wrong password: both cost a hash [AU-03]", async () => {
    const quickest = { known: Number.POSITIVE_INFINITY, unknown: Number.POSITIVE_INFINITY };
    // Turn by turn, and the quickest of each: a busy machine slows both.
    for (let turn = 0; turn < 12; turn += 1) {
      for (const [who, email] of [["known", test.people.patient.email], ["unknown", "nobody@example.org"]] as const) {
        const startedMs = performance.now();
        await post("/api/v1/session", { email, password: "not the password" });
        quickest[who] = Math.min(quickest[who], performance.now() - startedMs);
        // So that guessing is not slowed, which costs no hash.
        await test.db.asOwner("truncate sign_in_failures");
      }
    }
    // Without the hash the second would be far under half of the first.
    expect(quickest.unknown).toBeGreaterThan(quickest.known / 2);
  });

  it("does not mind the case of the address or spaces around it", async () => {
    const answer = await post("/api/v1/session", { email: ` ${test.people.patient.email.toUpperCase()} `, password: TEST_PASSWORD });
    expect(answer.statusCode).toBe(200);
  });

  it("refuses an overlong password before it is hashed [AU-04]", async () => {
    const startedMs = performance.now();
    const answer = await post("/api/v1/session", { email: test.people.patient.email, password: "x".repeat(900_000) });
    expect(answer.statusCode).toBe(400);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(problemOf(answer).errors?.[0]?.pointer).toBe("/body/password");
  });

  it("gives a new session each time and lets no earlier cookie into it [AU-09]", async () => {
    const [one, other] = [await signIn(), await signIn()];
    expect(one.cookie).not.toBe(other.cookie);
    const planted = `__Host-islet_session=${"A".repeat(43)}`;
    await post("/api/v1/session", { email: test.people.patient.email, password: TEST_PASSWORD }, { cookie: planted });
    expect((await me({ cookie: planted })).statusCode).toBe(401);
  });

  it("refuses to sign a browser in for another site [AU-11]", async () => {
    const credentials = { email: test.people.patient.email, password: TEST_PASSWORD };
    for (const site of ["cross-site", "same-site"]) {
      const answer = await post("/api/v1/session", credentials, { "sec-fetch-site": site });
      expect(answer.statusCode, site).toBe(403);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
    expect((await post("/api/v1/session", credentials, { "sec-fetch-site": "same-origin" })).statusCode).toBe(200);
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]) {
      const answer = await test.request({ method: "POST", url: "/api/v1/session", headers: { "content-type": type }, payload: JSON.stringify(credentials) });
      expect([400, 415], type).toContain(answer.statusCode);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });

  it("ends with the session's time, and sooner by signing out", async () => {
    const first = await signIn();
    expect((await me({ cookie: first.cookie })).statusCode).toBe(200);
    const out = await test.request({ method: "DELETE", url: "/api/v1/session", headers: { cookie: first.cookie, "x-csrf-token": first.csrf } });
    expect(out.statusCode).toBe(204);
    expect(String(out.headers["set-cookie"])).toMatch(/^__Host-islet_session=; .*Expires=Thu, 01 Jan 1970/);
    expect((await me({ cookie: first.cookie })).statusCode).toBe(401);

    const second = await signIn();
    const endsMs = test.clock.now() + 12 * HOUR;
    // Somebody is there all the time.
    while (test.clock.now() + 25 * MINUTE < endsMs) {
      test.clock.advance(25 * MINUTE);
      expect((await me({ cookie: second.cookie })).statusCode).toBe(200);
    }
    test.clock.advance(endsMs - test.clock.now() - 1);
    expect((await me({ cookie: second.cookie })).statusCode).toBe(200);
    test.clock.advance(1);
    expect((await me({ cookie: second.cookie })).statusCode).toBe(401);
  });

  it("ends at once for a person who is blocked [AU-08]", async () => {
    const { cookie } = await signIn();
    await test.db.asOwner("update users set blocked_at = now() where email = $1", [test.people.patient.email]);
    expect((await me({ cookie })).statusCode).toBe(401);
    await test.db.asOwner("update users set blocked_at = null");
    expect((await me({ cookie })).statusCode).toBe(200);
  });

  it("keeps neither token nor password in the database", async () => {
    const { cookie } = await signIn();
    const rows = await test.db.asOwner("select token_hash::text, kind from sessions");
    const users = await test.db.asOwner("select password_hash from users");
    expect(JSON.stringify([rows, users])).not.toContain(cookie.split("=")[1]!);
    expect(JSON.stringify(users)).toMatch(/\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(users)).not.toContain(TEST_PASSWORD);
  });

  it("leaves a line in the audit log for each session opened and ended", async () => {
    const count = async (action: string): Promise<number> =>
      Number((await test.db.asOwner<{ n: string }>("select count(*) as n from audit_log where action = $1", [action]))[0]!.n);
    const [opened, ended] = [await count("session.opened"), await count("session.ended")];
    const { cookie, csrf } = await signIn();
    await test.request({ method: "DELETE", url: "/api/v1/session", headers: { cookie, "x-csrf-token": csrf } });
    expect([await count("session.opened"), await count("session.ended")]).toEqual([opened + 1, ended + 1]);
  });
});

describe("a write by session cookie [AU-11]", () => {
  const patch = (headers: Record<string, string>): Promise<LightMyRequestResponse> =>
    test.request({ method: "PATCH", url: "/api/v1/me", headers, payload: { locale: "es" } });

  it("needs the CSRF token of this very session", async () => {
    const [mine, other] = [await signIn(), await signIn()];
    for (const [name, headers] of Object.entries({
      none: {}, empty: { "x-csrf-token": "" }, wrong: { "x-csrf-token": "A".repeat(mine.csrf.length) }, "another session's": { "x-csrf-token": other.csrf },
    })) {
      const answer = await patch({ cookie: mine.cookie, ...headers });
      expect(answer.statusCode, name).toBe(403);
      expect(problemOf(answer).code).toBe("not_permitted");
    }
    expect((await patch({ cookie: mine.cookie, "x-csrf-token": mine.csrf })).statusCode).toBe(200);
  });

  it("is refused from another site even with the token", async () => {
    const { cookie, csrf } = await signIn();
    for (const site of ["cross-site", "same-site", "none"]) {
      expect((await patch({ cookie, "x-csrf-token": csrf, "sec-fetch-site": site })).statusCode, site).toBe(403);
    }
    expect((await patch({ cookie, "x-csrf-token": csrf, "sec-fetch-site": "same-origin" })).statusCode).toBe(200);
  });

  it("needs the token also where the browser adds an Authorization header of its own", async () => {
    const { cookie, csrf } = await signIn();
    expect((await patch({ cookie, authorization: "Basic dXNlcjpwYXNz" })).statusCode).toBe(403);
    expect((await patch({ cookie, "x-csrf-token": csrf, authorization: "Basic dXNlcjpwYXNz" })).statusCode).toBe(200);
  });

  it("changes nothing by GET", async () => {
    const before = await test.db.asOwner("select * from users order by id");
    const { cookie } = await signIn();
    for (const path of ["/me", "/session", "/patients", "/providers"]) await test.request({ method: "GET", url: `/api/v1${path}`, headers: { cookie } });
    expect(await test.db.asOwner("select * from users order by id")).toEqual(before);
  });
});

describe("signing in as a program", () => {
  const token = async (): Promise<string> => {
    const answer = await post("/api/v1/tokens", { email: test.people.patient.email, password: TEST_PASSWORD });
    expect(answer.json()).toMatchObject({ tokenType: "Bearer" });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    return answer.json<{ accessToken: string }>().accessToken;
  };

  it("gives a token that writes without a CSRF token, for ten minutes", async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    expect((await test.request({ method: "PATCH", url: "/api/v1/me", headers, payload: { locale: "en" } })).statusCode).toBe(200);
    expect((await me({ authorization: headers.authorization.replace("Bearer", "bearer") })).statusCode).toBe(200);
    test.clock.advance(10 * MINUTE - 1);
    expect((await me(headers)).statusCode).toBe(200);
    test.clock.advance(1);
    expect((await me(headers)).statusCode).toBe(401);
  });

  it("ends by signing out", async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    expect((await test.request({ method: "DELETE", url: "/api/v1/session", headers })).statusCode).toBe(204);
    expect((await me(headers)).statusCode).toBe(401);
  });

  it("takes a token for no cookie and a cookie for no token", async () => {
    const { cookie } = await signIn();
    expect((await me({ authorization: `Bearer ${cookie.split("=")[1]!}` })).statusCode).toBe(401);
    expect((await me({ cookie: `__Host-islet_session=${await token()}` })).statusCode).toBe(401);
  });

  it("refuses everything that is no token of ours, and says how to sign in", async () => {
    const good = await token();
    const wrong = ["Bearer", "Bearer ", "Bearer x", `Bearer ${good}x`, `Bearer ${good.slice(0, -1)}`, `Token ${good}`, `Bearer ${"A".repeat(43)}`, "Bearer ' or 1=1 --", `Bearer ${"x".repeat(5_000)}`];
    for (const authorization of wrong) {
      const answer = await me({ authorization });
      expect(answer.statusCode, authorization.slice(0, 40)).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
      expect(problemOf(answer).code).toBe("not_authenticated");
    }
  });
});

describe("oneself", () => {
  it("is what was signed in as, and 401 to a stranger", async () => {
    expect((await me({})).statusCode).toBe(401);
    const { cookie } = await signIn(test.people.clinician.email);
    expect((await me({ cookie })).json()).toEqual({
      userId: test.people.clinician.userId, email: "clinician@example.org", displayName: "clinician", roles: ["clinician"],
      organization: { id: test.people.organizationId, name: "A clinic" }, patientId: null,
      preferences: { glucoseUnit: "mg/dL", locale: "en", zone: "Europe/Madrid" },
    });
  });

  it("has preferences that may be changed one by one, and nothing else with them [AU-15]", async () => {
    const { cookie, csrf } = await signIn();
    const patch = (payload: object): Promise<LightMyRequestResponse> => test.request({ method: "PATCH", url: "/api/v1/me", headers: { cookie, "x-csrf-token": csrf }, payload });
    expect((await patch({ glucoseUnit: "mmol/L" })).json()).toMatchObject({ preferences: { glucoseUnit: "mmol/L", zone: "Europe/Madrid" } });
    expect((await patch({ locale: "es", zone: "America/New_York" })).json()).toMatchObject({ preferences: { glucoseUnit: "mmol/L", locale: "es", zone: "America/New_York" } });
    const [patient] = await test.db.asOwner<{ zone: string }>("select zone from patients where id = $1", [test.people.patient.patientId]);
    expect(patient?.zone).toBe("America/New_York");
    for (const bad of [{ zone: "Mars/Olympus" }, { zone: "'; drop table users" }, { locale: "fr" }, { glucoseUnit: "mg" }, { locale: null }, []]) {
      expect((await patch(bad)).statusCode, JSON.stringify(bad)).toBe(400);
    }
    const before = await test.db.asOwner("select roles, organization_id, email, password_hash, blocked_at from users order by id");
    const escalation = { roles: ["admin"], role: "admin", organizationId: test.people.foreigner.userId, email: "x@example.org", isAdmin: true, ["__proto__"]: { isAdmin: true } };
    expect((await patch(JSON.parse(JSON.stringify(escalation)) as object)).statusCode).toBeLessThan(500);
    expect(await test.db.asOwner("select roles, organization_id, email, password_hash, blocked_at from users order by id")).toEqual(before);
  });
});
