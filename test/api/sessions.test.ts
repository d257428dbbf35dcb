/** Sessions of browsers: when they end, where one is signed in, proving again who one is, and what other sites' pages try. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { requireRecentProof } from "../../src/api/authenticate.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { HOUR, MINUTE, problemOf } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ sessionLives: {} });
});
afterAll(() => test.close());

interface Browser {
  readonly cookie: string;
  readonly csrf: string;
}
interface Listed {
  readonly id: string; readonly kind: string; readonly device: string | null; readonly startedAt: string; readonly lastSeenAt: string; readonly isThis: boolean;
}

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

async function signIn(email = test.people.patient.email, headers: Record<string, string> = {}): Promise<Browser> {
  const answer = await test.request({ method: "POST", url: "/api/v1/session", payload: { email, password: TEST_PASSWORD }, headers: { "user-agent": FIREFOX, ...headers } });
  return { cookie: cookieOf(answer), csrf: answer.json<{ csrfToken: string }>().csrfToken };
}

function cookieOf(answer: LightMyRequestResponse): string {
  return String(answer.headers["set-cookie"]).split(";")[0]!;
}

function ask(browser: Browser, method: "GET" | "POST" | "DELETE" | "PATCH", path: string, more: InjectOptions = {}): Promise<LightMyRequestResponse> {
  return test.request({ method, url: `/api/v1${path}`, ...more, headers: { cookie: browser.cookie, "x-csrf-token": browser.csrf, ...more.headers } });
}

const statusOf = async (browser: Browser, headers: Record<string, string> = {}): Promise<number> => (await ask(browser, "GET", "/me", { headers })).statusCode;

describe("a browser without a sign of its person", () => {
  it.each([["patient", 30], ["clinician", 15]] as const)("of a %s is signed out after %d minutes [AU-21]", async (who, minutes) => {
    const browser = await signIn(test.people[who].email);
    test.clock.advance((minutes - 1) * MINUTE);
    expect(await statusOf(browser)).toBe(200);
    test.clock.advance((minutes - 1) * MINUTE);
    expect(await statusOf(browser), "what was done meanwhile counts").toBe(200);
    test.clock.advance(minutes * MINUTE);
    expect(await statusOf(browser)).toBe(401);
  });

  it("is not kept by what its page asks for by itself", async () => {
    const browser = await signIn();
    for (let minute = 0; minute < 29; minute += 1) {
      test.clock.advance(MINUTE);
      expect(await statusOf(browser, { "x-islet-background": "1" })).toBe(200);
    }
    test.clock.advance(MINUTE);
    expect(await statusOf(browser, { "x-islet-background": "1" })).toBe(401);
  });

  it("is told by settings of the operator, and writes its signs of life once a minute", async () => {
    const strict = await startTestApp({ sessionLives: {}, env: { ISLET_IDLE_MINUTES: "5", ISLET_SESSION_HOURS: "1" } });
    try {
      const answer = await strict.request({ method: "POST", url: "/api/v1/session", payload: { email: strict.people.patient.email, password: TEST_PASSWORD } });
      const me = async (): Promise<number> => (await strict.request({ method: "GET", url: "/api/v1/me", headers: { cookie: cookieOf(answer) } })).statusCode;
      const seen = async (): Promise<Date> => (await strict.db.asOwner<{ seen: Date }>("select last_seen_at as seen from sessions where kind = 'cookie'"))[0]!.seen;
      const first = await seen();
      strict.clock.advance(59_000);
      expect(await me()).toBe(200);
      expect(await seen()).toEqual(first);
      strict.clock.advance(1_000);
      await me();
      expect((await seen()).getTime()).toBe(strict.clock.now());
      strict.clock.advance(5 * MINUTE);
      expect(await me()).toBe(401);
      expect(answer.json<{ expiresAt: string }>().expiresAt).toBe(new Date(strict.clock.now() - 6 * MINUTE + HOUR).toISOString());
    } finally {
      await strict.close();
    }
  });
});

describe("where I am signed in", () => {
  const list = async (browser: Browser): Promise<Listed[]> => (await ask(browser, "GET", "/me/sessions")).json<{ data: Listed[] }>().data;

  it("tells browsers and programs in few words, and which one asks", async () => {
    await test.db.asOwner("delete from sessions");
    const one = await signIn();
    test.clock.advance(2 * MINUTE);
    const other = await signIn(test.people.patient.email, { "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1" });
    await test.request({ method: "POST", url: "/api/v1/tokens", payload: { email: test.people.patient.email, password: TEST_PASSWORD }, headers: { "user-agent": "curl/8" } });
    await signIn(test.people.stranger.email);
    const mine = await list(one);
    expect(mine.map(({ kind, device, isThis }) => ({ kind, device, isThis }))).toEqual(expect.arrayContaining([
      { kind: "browser", device: "Firefox · Windows", isThis: true }, { kind: "browser", device: "Safari · iPhone", isThis: false }, { kind: "program", device: null, isThis: false },
    ]));
    expect(mine).toHaveLength(3);
    expect((await list(other)).filter(({ isThis }) => isThis).map(({ device }) => device)).toEqual(["Safari · iPhone"]);
    expect(JSON.stringify(mine)).not.toContain(one.cookie.split("=")[1]!);
    const stored = await test.db.asOwner("select device from sessions");
    expect(JSON.stringify(stored)).not.toMatch(/Mozilla|140/);
  });

  it("can be ended one by one, one's own alone", async () => {
    const [one, other, stranger] = [await signIn(), await signIn(), await signIn(test.people.stranger.email)];
    const otherId = (await list(other)).find(({ isThis }) => isThis)!.id;
    for (const id of [(await list(stranger))[0]!.id, "00000000-0000-4000-8000-000000000000", "nonsense"]) {
      const answer = await ask(one, "DELETE", `/me/sessions/${id}`);
      expect(answer.statusCode).toBe(404);
      expect(problemOf(answer).detail).toBe("There is no such session.");
    }
    expect(await statusOf(stranger)).toBe(200);
    expect((await ask(one, "DELETE", `/me/sessions/${otherId}`)).statusCode).toBe(204);
    expect([await statusOf(one), await statusOf(other)]).toEqual([200, 401]);
  });

  it("can be ended everywhere else at once, programs too", async () => {
    await test.db.asOwner("delete from sessions where user_id = $1", [test.people.patient.userId]);
    const [one, other, stranger] = [await signIn(), await signIn(), await signIn(test.people.stranger.email)];
    const tokens = (await test.request({ method: "POST", url: "/api/v1/tokens", payload: { email: test.people.patient.email, password: TEST_PASSWORD } })).json<{ accessToken: string; refreshToken: string }>();
    const program = () => test.request({ method: "GET", url: "/api/v1/me", headers: { authorization: `Bearer ${tokens.accessToken}` } });
    expect((await program()).statusCode).toBe(200);
    expect((await ask(one, "DELETE", "/me/sessions")).json()).toEqual({ ended: 2 });
    expect([await statusOf(one), await statusOf(other), await statusOf(stranger)]).toEqual([200, 401, 200]);
    expect((await program()).statusCode, "at once in this process").toBe(401);
    expect((await test.request({ method: "POST", url: "/api/v1/tokens", payload: { grant: "refresh_token", refreshToken: tokens.refreshToken } })).statusCode).toBe(401);
    const lines = await test.db.asOwner<{ object_id: string }>("select object_id from audit_log where action = 'session.ended' order by id desc limit 2");
    expect(new Set(lines.map(({ object_id: id }) => id)).size).toBe(2);
  });
});

describe("proving again who one is", () => {
  const prove = (browser: Browser, password: string): Promise<LightMyRequestResponse> => ask(browser, "POST", "/session/proof", { payload: { password } });

  it("is asked for before what is grave, ten minutes after the last time", async () => {
    const browser = await signIn();
    test.clock.advance(10 * MINUTE + 1);
    const refused = await ask(browser, "DELETE", "/me/sessions");
    expect(refused.statusCode).toBe(403);
    expect(problemOf(refused).code).toBe("proof_required");
    const proven = await prove(browser, TEST_PASSWORD);
    expect(proven.statusCode).toBe(200);
    const renewed = { cookie: cookieOf(proven), csrf: proven.json<{ csrfToken: string }>().csrfToken };
    expect((await ask(renewed, "DELETE", "/me/sessions")).statusCode).toBe(200);
  });

  it("gives the session another token and CSRF token, and the old ones open nothing [AU-09]", async () => {
    const browser = await signIn();
    const proven = await prove(browser, TEST_PASSWORD);
    const renewed = { cookie: cookieOf(proven), csrf: proven.json<{ csrfToken: string }>().csrfToken };
    expect(renewed.cookie).not.toBe(browser.cookie);
    expect(renewed.csrf).not.toBe(browser.csrf);
    expect([await statusOf(browser), await statusOf(renewed)]).toEqual([401, 200]);
    expect((await ask({ ...renewed, csrf: browser.csrf }, "PATCH", "/me", { payload: { locale: "en" } })).statusCode).toBe(403);
  });

  it("needs the right password, and changes nothing with a wrong one", async () => {
    const browser = await signIn();
    test.clock.advance(11 * MINUTE);
    // Whoever is signed in stays so: it is no 401.
    expect((await prove(browser, "not the password")).statusCode).toBe(400);
    expect(await statusOf(browser)).toBe(200);
    expect((await ask(browser, "DELETE", "/me/sessions")).statusCode).toBe(403);
  });

  it("renews a program's proof with a new access token", async () => {
    const { accessToken } = (await test.request({ method: "POST", url: "/api/v1/tokens", payload: { email: test.people.patient.email, password: TEST_PASSWORD } })).json<{ accessToken: string }>();
    const answer = await test.request({ method: "POST", url: "/api/v1/session/proof", payload: { password: TEST_PASSWORD }, headers: { authorization: `Bearer ${accessToken}` } });
    const renewed = answer.json<{ accessToken: string; csrfToken: null }>();
    expect(renewed.csrfToken).toBeNull();
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await test.app.api.sessions.find(renewed.accessToken))?.session.provenMs).toBe(test.clock.now());
  });

  it("is nothing that a key or a foreign token can do", () => {
    const session = { kind: "key" as const, id: null, hash: Buffer.alloc(32), expiresMs: Number.MAX_SAFE_INTEGER, provenMs: null, scopes: [] };
    expect(() => requireRecentProof(test.app.api, { userId: "", organizationId: "", roles: [], patientId: null, session })).toThrow(/Prove first/);
  });
});

describe("signing out", () => {
  it("tells the browser to forget what it kept of us, but not that it was here [PR-12]", async () => {
    const answer = await ask(await signIn(), "DELETE", "/session");
    expect(answer.headers["clear-site-data"]).toBe('"cache", "storage"');
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(cookieOf(answer)).toBe("__Host-islet_session=");
  });

  it("and signing in as somebody else leaves nothing of the session before [AU-09]", async () => {
    const before = await signIn();
    await signIn(test.people.stranger.email, { cookie: before.cookie });
    expect(await statusOf(before)).toBe(401);
  });
});

describe("a page of another site [AU-11]", () => {
  const forms = {
    form: { "content-type": "application/x-www-form-urlencoded" }, "text/plain": { "content-type": "text/plain" }, multipart: { "content-type": "multipart/form-data; boundary=x" },
    "JSON by another origin": { "content-type": "application/json", origin: "https://evil.example" }, "JSON by no origin": { "content-type": "application/json", origin: "null" },
    "JSON by a like name": { "content-type": "application/json", origin: "http://127.0.0.1.evil.example" }, "JSON by another port": { "content-type": "application/json", origin: "http://127.0.0.1:1" },
    "JSON cross-site": { "content-type": "application/json", "sec-fetch-site": "cross-site" }, "JSON same-site": { "content-type": "application/json", "sec-fetch-site": "same-site" },
  };
  const locale = async (): Promise<unknown> => test.db.asOwner("select locale, zone, glucose_unit from users order by id");

  it.each(Object.entries(forms))("writes nothing by %s, with the cookie or with the token besides", async (_name, headers) => {
    const browser = await signIn();
    const before = await locale();
    for (const csrf of ["", browser.csrf]) {
      const answer = await ask({ ...browser, csrf }, "PATCH", "/me", { payload: JSON.stringify({ locale: "es" }), headers });
      expect([400, 403, 415]).toContain(answer.statusCode);
    }
    expect(await locale()).toEqual(before);
  });

  it("signs nobody in", async () => {
    for (const headers of Object.values(forms)) {
      const answer = await test.request({ method: "POST", url: "/api/v1/session", headers, payload: JSON.stringify({ email: test.people.patient.email, password: TEST_PASSWORD }) });
      expect([400, 403, 415]).toContain(answer.statusCode);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });

  it("turns no method into another", async () => {
    const browser = await signIn();
    for (const [path, headers] of [["/session", { "x-http-method-override": "DELETE" }], ["/session?_method=DELETE", {}], ["/session", { "x-method-override": "DELETE", "x-http-method": "DELETE" }]] as const) {
      expect((await ask(browser, "GET", path, { headers: { ...headers } })).statusCode).toBe(200);
    }
    expect(await statusOf(browser)).toBe(200);
  });

  it("is told apart from our own, under each of our names", async () => {
    const browser = await signIn();
    for (const headers of [{ origin: test.origin, "sec-fetch-site": "same-origin" }, { origin: "http://islet.local:8080", host: "islet.local:8080" }]) {
      expect((await ask(browser, "PATCH", "/me", { payload: { locale: "en" }, headers })).statusCode).toBe(200);
    }
  });
});
