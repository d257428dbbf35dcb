/** Signing in at an outside provider, against one on loopback: the way there and back, whom it lets in, and everything that may not. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { startOidcProvider, type Claims, type OidcProvider } from "#test/kit/oidc-provider.ts";
import { TEST_NOW_MS } from "#test/kit/clock.ts";
import { MINUTE, problemOf } from "./kit.ts";

const ORGANIZATION = "11111111-2222-4333-8444-555555555555";

let test: TestApp;
let open: OidcProvider;
/** Of a provider that makes nobody, and links by a verified address. */
let closed: OidcProvider;
let nowMs: () => number = () => TEST_NOW_MS;

beforeAll(async () => {
  [open, closed] = await Promise.all([startOidcProvider(() => nowMs()), startOidcProvider(() => nowMs())]);
  const common = (id: string, name: string, { issuer, client }: OidcProvider) => ({ id, name, issuer, clientId: client.id, clientSecret: client.secret });
  test = await startTestApp({
    sessionLives: {},
    env: {
      ISLET_PRIVATE_ADDRESSES: "on",
      ISLET_SIGN_IN_PROVIDERS: JSON.stringify([
        { ...common("open", "The city's identity", open), create: { role: "patient", organization: ORGANIZATION } },
        { ...common("clinic", "Our clinic", closed), linkByVerifiedEmail: true },
      ]),
    },
  });
  nowMs = () => test.clock.now();
  await test.db.asOwner("insert into organizations (id, name) values ($1, 'Newcomers')", [ORGANIZATION]);
  await test.db.asOwner("alter table users add column if not exists email_verified_at timestamptz");
});
afterAll(async () => {
  await test.close();
  await Promise.all([open.close(), closed.close()]);
});

interface Browser {
  cookies: Record<string, string>;
  csrf: string;
}
const browser = (): Browser => ({ cookies: {}, csrf: "" });

async function send(as: Browser, method: "GET" | "POST" | "DELETE", url: string, more: { payload?: object; headers?: Record<string, string> } = {}): Promise<LightMyRequestResponse> {
  const answer = await test.request({
    method, url, ...(more.payload ? { payload: more.payload } : {}),
    headers: { cookie: Object.entries(as.cookies).map(([name, value]) => `${name}=${value}`).join("; "), "x-csrf-token": as.csrf, ...more.headers },
  });
  for (const { name, value } of answer.cookies) {
    if (value === "") delete as.cookies[name];
    else as.cookies[name] = value;
  }
  return answer;
}

const begin = async (as: Browser, provider: string, payload: object = {}, path = "sign-in-providers"): Promise<string> =>
  (await send(as, "POST", `/api/v1/${path}/${provider}`, { payload })).json<{ authorizeUrl: string }>().authorizeUrl;
const comeBack = (as: Browser, url: string): Promise<LightMyRequestResponse> => send(as, "GET", new URL(url).pathname + new URL(url).search);
const me = (as: Browser): Promise<LightMyRequestResponse> => send(as, "GET", "/api/v1/me");

async function signIn(as: Browser, who: Claims, at: { id: string; provider: OidcProvider } = { id: "open", provider: open }): Promise<LightMyRequestResponse> {
  return comeBack(as, at.provider.authorize(await begin(as, at.id, { returnTo: "/connections" }), who));
}

async function byPassword(email: string): Promise<Browser> {
  const as = browser();
  as.csrf = (await send(as, "POST", "/api/v1/session", { payload: { email, password: TEST_PASSWORD } })).json<{ csrfToken: string }>().csrfToken;
  return as;
}

describe("signing in at a provider", () => {
  it("is offered by name, and asks there with PKCE, state and nonce that say nothing", async () => {
    const list = await test.request({ method: "GET", url: "/api/v1/sign-in-providers" });
    expect(list.json()).toEqual({ data: [{ id: "open", name: "The city's identity" }, { id: "clinic", name: "Our clinic" }] });
    const as = browser();
    const answer = await send(as, "POST", "/api/v1/sign-in-providers/open", { payload: {} });
    const asked = new URL(answer.json<{ authorizeUrl: string }>().authorizeUrl).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({ client_id: open.client.id, response_type: "code", code_challenge_method: "S256", scope: "openid email profile", redirect_uri: `${test.origin}/api/v1/sign-in-providers/open/callback` });
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked.get(name), name).toMatch(/^[\w-]{43}$/);
    expect(String(answer.headers["set-cookie"])).toMatch(/^__Host-islet_outside=[\w-]{43}; .*HttpOnly; Secure; SameSite=Lax$/);
    const rows = JSON.stringify(await test.db.asOwner("select *, encode(state_hash, 'base64') from outside_sign_ins"));
    for (const secret of [asked.get("state")!, asked.get("nonce")!, as.cookies["__Host-islet_outside"]!, open.client.secret]) expect(rows + answer.body.replace(asked.get("state")!, "").replace(asked.get("nonce")!, "")).not.toContain(secret);
  });

  it("opens a session, makes an account the first time and finds it afterwards", async () => {
    const as = browser();
    const back = await signIn(as, { sub: "ana", name: "Ana", email: "ana@city.example", email_verified: true, auth_time: test.clock.now() / 1_000 - 60 });
    expect([back.statusCode, back.headers["location"]]).toEqual([302, "/connections"]);
    expect(back.headers["referrer-policy"]).toBe("no-referrer");
    expect(as.cookies["__Host-islet_outside"]).toBeUndefined();
    const first = (await me(as)).json<{ userId: string }>();
    expect(first).toMatchObject({ displayName: "Ana", email: "ana@city.example", roles: ["patient"], organization: { id: ORGANIZATION } });
    const again = browser();
    await signIn(again, { sub: "ana" });
    expect((await me(again)).json<{ userId: string }>().userId).toBe(first.userId);
  });

  it("gives a new session each time and ends the one before [AU-09]", async () => {
    const as = await byPassword(test.people.stranger.email);
    const before = { ...as, cookies: { ...as.cookies } };
    await signIn(as, { sub: "ana" });
    expect(as.cookies["__Host-islet_session"]).not.toBe(before.cookies["__Host-islet_session"]);
    expect((await me(before)).statusCode).toBe(401);
  });

  it("counts as a proof only as of when the provider asked for one", async () => {
    for (const [who, status] of [[{ sub: "ana" }, 403], [{ sub: "ana", auth_time: test.clock.now() / 1_000 - 3_600 }, 403], [{ sub: "ana", auth_time: test.clock.now() / 1_000 - 60 }, 200]] as const) {
      const as = browser();
      await signIn(as, who);
      as.csrf = (await send(as, "GET", "/api/v1/session")).json<{ csrfToken: string }>().csrfToken;
      expect((await send(as, "DELETE", "/api/v1/me/sessions")).statusCode).toBe(status);
    }
  });

  it("leads back to a page of ours and nowhere else [OA-10]", async () => {
    for (const returnTo of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "otherapp://x"]) {
      const as = browser();
      const back = await comeBack(as, open.authorize(await begin(as, "open", { returnTo }), { sub: "ana" }));
      expect(back.headers["location"], returnTo).toBe("/");
    }
  });

  it("is refused for a provider that is none, with the words for any; and 503 while it is away", async () => {
    expect((await send(browser(), "POST", "/api/v1/sign-in-providers/nobody", { payload: {} })).statusCode).toBe(404);
    closed.setAway(true);
    const away = await send(browser(), "POST", "/api/v1/sign-in-providers/clinic", { payload: {} });
    closed.setAway(false);
    expect(away.statusCode).toBe(503);
    expect(Number(away.headers["retry-after"])).toBeGreaterThan(0);
    expect((await send(browser(), "POST", "/api/v1/sign-in-providers/clinic", { payload: {} })).statusCode, "asked again when it is back").toBe(200);
  });
});

describe("coming back", () => {
  it("works once, in the browser that left, within ten minutes, at the same provider", async () => {
    const refusedAs = async (as: Browser, url: string): Promise<string> => {
      const exchanges = open.exchanges();
      const answer = await comeBack(as, url);
      expect(answer.cookies.some(({ name, value }) => name === "__Host-islet_session" && value !== "")).toBe(false);
      expect(open.exchanges(), "no code was given away").toBe(exchanges);
      return answer.statusCode === 302 ? String(answer.headers["location"]) : problemOf(answer).code;
    };
    const as = browser();
    const url = open.authorize(await begin(as, "open"), { sub: "ana" });
    expect(await refusedAs(browser(), url), "another browser").toBe("state_invalid");
    const other = browser();
    await begin(other, "open");
    expect(await refusedAs(other, url), "another browser's own flow").toBe("state_invalid");
    const planted = { ...browser(), cookies: { "__Host-islet_outside": "A".repeat(43) } };
    expect(await refusedAs(planted, url), "a planted ticket").toBe("state_invalid");
    const elsewhere = { ...as, cookies: { ...as.cookies } };
    expect(await refusedAs(elsewhere, url.replace("/open/", "/clinic/")), "another provider's address").toBe("state_invalid");
    expect(await refusedAs({ ...as, cookies: { ...as.cookies } }, url), "which used it up").toBe("state_invalid");

    const good = browser();
    const fresh = open.authorize(await begin(good, "open"), { sub: "ana" });
    const copy = { ...good, cookies: { ...good.cookies } };
    expect((await comeBack(good, fresh)).headers["location"]).toBe("/");
    expect(await refusedAs(copy, fresh), "a second time").toBe("state_invalid");

    const late = browser();
    const lateUrl = open.authorize(await begin(late, "open"), { sub: "ana" });
    test.clock.advance(10 * MINUTE);
    expect(await refusedAs(late, lateUrl)).toBe("/?error=expired");
  });

  it("without consent or with another's answer opens nothing", async () => {
    const answered = async (change: (url: URL) => void): Promise<string> => {
      const as = browser();
      const url = new URL(open.authorize(await begin(as, "open"), { sub: "ana" }));
      change(url);
      const answer = await comeBack(as, url.href);
      expect((await me(as)).statusCode).toBe(401);
      return answer.headers["location"] ?? problemOf(answer).code;
    };
    expect(await answered((url) => (url.searchParams.delete("code"), url.searchParams.set("error", "access_denied")))).toBe("/?error=access_denied");
    expect(await answered((url) => url.searchParams.set("code", "made-up"))).toBe("/?error=provider_error");
    expect(await answered((url) => url.searchParams.set("iss", closed.issuer)), "a mix-up of providers (RFC 9207)").toBe("/?error=provider_error");
    expect(await answered((url) => url.searchParams.delete("iss"))).toBe("/?error=provider_error");
    expect(await answered((url) => url.searchParams.append("state", "another"))).toBe("/?error=provider_error");
    expect(await answered((url) => url.searchParams.set("state", "x".repeat(43)))).toBe("state_invalid");
  });

  it("with an ID token that is not good opens nothing [AU-06]", async () => {
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const nowS = test.clock.now() / 1_000;
    const spoils: Record<string, Parameters<OidcProvider["spoil"]>[0]> = {
      "another key": () => ({ key: stranger }), "another nonce": (claims) => ({ claims: { ...claims, nonce: "x" } }), "no nonce": ({ nonce: _nonce, ...claims }) => ({ claims }),
      "another issuer": (claims) => ({ claims: { ...claims, iss: closed.issuer } }), "another audience": (claims) => ({ claims: { ...claims, aud: "somebody" } }),
      "an end that is past": (claims) => ({ claims: { ...claims, exp: nowS - 3_600, iat: nowS - 7_200 } }), "no end": ({ exp: _exp, ...claims }) => ({ claims }), "no subject": ({ sub: _sub, ...claims }) => ({ claims }),
      "a subject too long": (claims) => ({ claims: { ...claims, sub: "x".repeat(256) } }), "a subject with a NUL": (claims) => ({ claims: { ...claims, sub: "a\0" } }), "an unknown key": () => ({ header: { kid: "p-2" } }),
    };
    for (const [name, how] of Object.entries(spoils)) {
      open.spoil(how);
      const as = browser();
      const answer = await signIn(as, { sub: "ana" });
      expect(answer.headers["location"], name).toBe("/connections?error=provider_error");
      expect((await me(as)).statusCode, name).toBe(401);
    }
    open.spoil(null);
    const as = browser();
    await signIn(as, { sub: "ana" });
    expect((await me(as)).statusCode).toBe(200);
  });

  it("is begun by no page of another site [AU-11]", async () => {
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }] as Record<string, string>[]) {
      const answer = await send(browser(), "POST", "/api/v1/sign-in-providers/open", { payload: {}, headers });
      expect(answer.statusCode).toBe(403);
      expect(answer.headers["set-cookie"]).toBeUndefined();
    }
  });

  it("leads no blocked person in, and makes nobody new of them [AU-08]", async () => {
    await signIn(browser(), { sub: "blocked" });
    await test.db.asOwner("update users set blocked_at = now() where id = (select user_id from outside_identities where subject = 'blocked')");
    const as = browser();
    expect((await signIn(as, { sub: "blocked" })).headers["location"]).toBe("/connections?error=unknown_identity");
    expect((await me(as)).statusCode).toBe(401);
  });
});

describe("whom an identity leads to", () => {
  const clinic = () => ({ id: "clinic", provider: closed });
  const linked = async (as: Browser, sub: string): Promise<LightMyRequestResponse> => comeBack(as, closed.authorize(await begin(as, "clinic", { returnTo: "/" }, "me/identities"), { sub }));

  it("is nobody while nothing links it, whatever address it tells unverified on either side [AU-15]", async () => {
    const { email } = test.people.patient;
    await test.db.asOwner("update users set email_verified_at = null where email = $1", [email]);
    for (const who of [{ sub: "c1" }, { sub: "c1", email }, { sub: "c1", email, email_verified: true }, { sub: "c1", email, email_verified: "true" }]) {
      expect((await signIn(browser(), who, clinic())).headers["location"]).toBe("/connections?error=unknown_identity");
    }
    await test.db.asOwner("update users set email_verified_at = now() where email = $1", [email]);
    expect((await signIn(browser(), { sub: "c1", email }, clinic())).headers["location"]).toBe("/connections?error=unknown_identity");
    const as = browser();
    await signIn(as, { sub: "c1", email: email.toUpperCase(), email_verified: true }, clinic());
    expect((await me(as)).json()).toMatchObject({ userId: test.people.patient.userId });
    const next = browser();
    await signIn(next, { sub: "c1" }, clinic());
    expect((await me(next)).json(), "by the link from now on").toMatchObject({ userId: test.people.patient.userId });
  });

  it("is whoever linked it, signed in and freshly proven", async () => {
    const as = await byPassword(test.people.clinician.email);
    expect((await linked(as, "c2")).headers["location"]).toBe("/");
    const there = browser();
    await signIn(there, { sub: "c2" }, clinic());
    expect((await me(there)).json()).toMatchObject({ userId: test.people.clinician.userId });
    const lines = await test.db.asOwner("select 1 from audit_log where action = 'identity.linked' and actor_user_id = $1", [test.people.clinician.userId]);
    expect(lines).toHaveLength(1);

    const late = await byPassword(test.people.stranger.email);
    test.clock.advance(10 * MINUTE + 1);
    const answer = await send(late, "POST", "/api/v1/me/identities/clinic", { payload: {} });
    expect([answer.statusCode, problemOf(answer).code]).toEqual([403, "proof_required"]);
    expect((await send(browser(), "POST", "/api/v1/me/identities/clinic", { payload: {} })).statusCode).toBe(401);
  });

  it("is shown to that person without its subject, and unlinked unless nothing else leads in", async () => {
    const as = await byPassword(test.people.clinician.email);
    const list = await send(as, "GET", "/api/v1/me/identities");
    expect(list.json()).toMatchObject({ data: [{ id: "clinic", name: "Our clinic" }] });
    expect(list.body).not.toContain("c2");
    expect((await send(as, "DELETE", "/api/v1/me/identities/open")).statusCode, "of another provider").toBe(404);
    expect((await send(as, "DELETE", "/api/v1/me/identities/clinic")).statusCode).toBe(204);
    expect((await signIn(browser(), { sub: "c2" }, clinic())).headers["location"]).toBe("/connections?error=unknown_identity");
    await linked(as, "c2");

    const only = browser();
    await signIn(only, { sub: "nameless", auth_time: test.clock.now() / 1_000 });
    only.csrf = (await send(only, "GET", "/api/v1/session")).json<{ csrfToken: string }>().csrfToken;
    expect((await send(only, "DELETE", "/api/v1/me/identities/open")).statusCode).toBe(409);
  });

  it("is one person at most, and never who merely came back in the place of who left", async () => {
    const other = await byPassword(test.people.stranger.email);
    expect((await linked(other, "c2")).headers["location"]).toBe("/?error=identity_taken");
    const began = await byPassword(test.people.stranger.email);
    const url = closed.authorize(await begin(began, "clinic", { returnTo: "/" }, "me/identities"), { sub: "c3" });
    const swapped = await byPassword(test.people.patient.email);
    swapped.cookies["__Host-islet_outside"] = began.cookies["__Host-islet_outside"]!;
    expect((await comeBack(swapped, url)).headers["location"]).toBe("/?error=expired");
    expect(await test.db.asOwner("select 1 from outside_identities where subject = 'c3'")).toEqual([]);
  });
});
