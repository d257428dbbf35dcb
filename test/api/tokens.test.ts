/** Tokens of programs: what is refused as one, refreshing them, and how soon their end is known everywhere. */
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { CompactSign, createLocalJWKSet, jwtVerify, type JWTPayload } from "jose";
import { endSessionsOf } from "#people/sessions/end-sessions.ts";
import { createSessions } from "#people/sessions/sessions.ts";
import { createSigningRing, SIGNING_SPAN_MS } from "#people/sessions/signing-ring.ts";
import { sweepSessions } from "#people/sessions/sweep.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { DAY, MINUTE, problemOf } from "./kit.ts";

/** Of the test's app. */
const SECRET = "a secret of at least thirty-two characters";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ sessionLives: {} });
});
afterAll(() => test.close());

interface Tokens {
  readonly accessToken: string; readonly refreshToken: string; readonly expiresAt: string; readonly refreshExpiresAt: string;
}

const post = (payload: object): Promise<LightMyRequestResponse> => test.request({ method: "POST", url: "/api/v1/tokens", payload });
const signIn = async (email = test.people.patient.email): Promise<Tokens> => (await post({ email, password: TEST_PASSWORD })).json<Tokens>();
const refresh = (refreshToken: string): Promise<LightMyRequestResponse> => post({ grant: "refresh_token", refreshToken });
const me = (token: string): Promise<LightMyRequestResponse> => test.request({ method: "GET", url: "/api/v1/me", headers: { authorization: `Bearer ${token}` } });
const statusOf = async (token: string): Promise<number> => (await me(token)).statusCode;
const audited = async (action: string): Promise<number> =>
  Number((await test.db.asOwner<{ n: string }>("select count(*) as n from audit_log where action = $1", [action]))[0]!.n);

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const partsOf = (token: string): { header: Record<string, unknown>; payload: Record<string, unknown>; signature: string } => {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const read = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
  return { header: read(header), payload: read(payload), signature };
};

describe("an access token", () => {
  it("is short, names its key, session and session version, and nothing of the person", async () => {
    const { accessToken, expiresAt } = await signIn();
    const { header, payload } = partsOf(accessToken);
    expect(header).toEqual({ alg: "EdDSA", kid: expect.stringMatching(/^[\w-]{43}$/) as string, typ: "at+jwt" });
    const nowS = test.clock.now() / 1_000;
    expect(payload).toEqual({ iss: test.origin, aud: test.origin, sub: test.people.patient.userId, sid: expect.any(String) as string, sv: 1, iat: nowS, nbf: nowS, exp: nowS + 600 });
    expect(expiresAt).toBe(new Date((nowS + 600) * 1_000).toISOString());
  });

  it("is checked by others with our published keys", async () => {
    const answer = await test.request({ method: "GET", url: "/.well-known/jwks.json" });
    const jwks = answer.json<Parameters<typeof createLocalJWKSet>[0]>();
    expect(jwks.keys.every((key) => key.d === undefined && key.kty === "OKP" && key.alg === "EdDSA")).toBe(true);
    const { payload } = await jwtVerify((await signIn()).accessToken, createLocalJWKSet(jwks), { issuer: test.origin, currentDate: new Date(test.clock.now()) });
    expect(payload.sub).toBe(test.people.patient.userId);
  });

  it("goes on across a change of keys, which all processes make by themselves", async () => {
    const nowMs = test.clock.now();
    const [before, after] = [nowMs, nowMs + SIGNING_SPAN_MS].map((ms) => createSigningRing({ secret: SECRET, now: () => ms }));
    expect(after!.active().kid).not.toBe(before!.active().kid);
    expect(after!.find(before!.active().kid), "the old one opens").not.toBeNull();
    expect(before!.published().map(({ kid }) => kid), "the next one is published").toContain(after!.active().kid);
    expect(createSigningRing({ secret: SECRET, now: () => nowMs + 2 * SIGNING_SPAN_MS }).find(before!.active().kid), "an older one does not").toBeNull();
    expect(createSigningRing({ secret: `${SECRET}!`, now: () => nowMs }).find(before!.active().kid), "another secret's neither").toBeNull();
  });

  it("of any other making is refused, with one answer [AU-06]", async () => {
    const { accessToken: good, refreshToken } = await signIn();
    const { header, payload, signature } = partsOf(good);
    const ring = createSigningRing({ secret: SECRET, now: () => test.clock.now() });
    const { privateKey, kid } = ring.active();
    const signText = (text: string, head: Record<string, unknown> = {}, key = privateKey): Promise<string> =>
      new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: "EdDSA", kid, typ: "at+jwt", ...head }).sign(key);
    const sign = (body: unknown, head?: Record<string, unknown>, key?: KeyObject): Promise<string> => signText(JSON.stringify(body), head, key);
    const claims = payload as JWTPayload;
    // That these hands can make a good one shows that the others fail for their own reason.
    expect(await statusOf(await sign(claims))).toBe(200);
    const nowS = test.clock.now() / 1_000;
    const raw = (head: unknown, body: unknown = payload, end = signature): string => `${part(head)}.${part(body)}.${end}`;
    const publicPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
    const publicRaw = Buffer.from(ring.published()[0]!.x, "base64url");
    const hmac = (key: string | Buffer): string => {
      const start = `${part({ ...header, alg: "HS256" })}.${part(payload)}`;
      return `${start}.${createHmac("sha256", key).update(start).digest("base64url")}`;
    };
    const without = (name: string): JWTPayload => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const stranger = generateKeyPairSync("ed25519").privateKey;
    const last = signature.at(-1)!;
    const tokens: Record<string, string> = {
      "alg none": raw({ ...header, alg: "none" }, payload, ""), "alg None": raw({ ...header, alg: "None" }, payload, ""), "alg nOnE, signed": raw({ ...header, alg: "nOnE" }),
      "alg missing": raw({ kid, typ: "at+jwt" }), "alg a number": raw({ ...header, alg: 1 }), "alg a list": raw({ ...header, alg: ["EdDSA"] }),
      "HS256 with the public key as PEM": hmac(publicPem as string), "HS256 with the public key's bytes": hmac(publicRaw), "HS256 with nothing": hmac(""),
      RS256: await sign(claims, { alg: "RS256" }, rsa), PS256: await sign(claims, { alg: "PS256" }, rsa), ES256: await sign(claims, { alg: "ES256" }, ec),
      "another key under our kid": await sign(claims, {}, stranger), "Ed25519 as the algorithm's other name": await sign(claims, { alg: "Ed25519" }),
      "kid missing": await sign(claims, { kid: undefined }), "kid a path": await sign(claims, { kid: "../../dev/null" }), "kid SQL": await sign(claims, { kid: "x' or '1'='1" }),
      "kid empty": await sign(claims, { kid: "" }), "kid unknown": await sign(claims, { kid: "A".repeat(43) }), "kid a number": raw({ ...header, kid: 1 }), "kid of the prototype": await sign(claims, { kid: "__proto__" }),
      jku: await sign(claims, { jku: "https://evil.example/keys" }), x5u: await sign(claims, { x5u: "https://evil.example/cert" }), x5c: await sign(claims, { x5c: [] }),
      jwk: await sign(claims, { jwk: createPublicKey(stranger).export({ format: "jwk" }) }, stranger), "jwk beside our key": await sign(claims, { jwk: {} }),
      "crit unknown": raw({ ...header, crit: ["x"], x: 1 }), "b64 unencoded": raw({ ...header, b64: false, crit: ["b64"] }),
      "another payload": raw(header, { ...payload, sub: test.people.stranger.userId }), "signature empty": raw(header, payload, ""), "signature of another token": raw(header, { ...payload, iat: nowS - 1 }),
      "trailing bytes": `${good}AAAA`, "trailing part": `${good}.AAAA`, "trailing space": `${good} x`, "trailing equals": `${good}==`, "one part": good.split(".")[0]!,
      "a second spelling of the signature": `${good.slice(0, -1)}${String.fromCharCode(last.charCodeAt(0) + 1)}`,
      "exp a string": await sign({ ...claims, exp: String(nowS + 600) }), "exp NaN": await sign({ ...claims, exp: Number.NaN }), "exp missing": await sign(without("exp")), "exp past": await sign({ ...claims, exp: nowS }),
      "exp 1e400": await signText(JSON.stringify(payload).replace(/"exp":\d+/, '"exp":1e400')),
      "nbf future": await sign({ ...claims, nbf: nowS + 60 }), "nbf a string": await sign({ ...claims, nbf: "0" }), "nbf missing": await sign(without("nbf")), "iat missing": await sign(without("iat")),
      "iss another": await sign({ ...claims, iss: "https://evil.example" }), "iss missing": await sign(without("iss")), "aud another": await sign({ ...claims, aud: "https://evil.example" }), "aud missing": await sign(without("aud")),
      "aud a list": await sign({ ...claims, aud: [test.origin, "https://evil.example"] }), "typ JWT": await sign(claims, { typ: "JWT" }), "typ missing": await sign(claims, { typ: undefined }),
      "sub another's": await sign({ ...claims, sub: test.people.stranger.userId }), "sub missing": await sign(without("sub")), "sid unknown": await sign({ ...claims, sid: test.people.patient.userId }), "sid missing": await sign(without("sid")),
      "sv older": await sign({ ...claims, sv: 0 }), "sv newer": await sign({ ...claims, sv: 2 }), "sv missing": await sign(without("sv")), "sv a string": await sign({ ...claims, sv: "1" }),
      "a refresh token": refreshToken, "an array for a payload": await sign([]), "a text for a payload": await signText("x"), "no JSON": `${Buffer.from("{").toString("base64url")}.${part(payload)}.${signature}`, "bytes that are no UTF-8": `${Buffer.from([0xff, 0xfe]).toString("base64url")}.${part(payload)}.${signature}`,
      huge: `${good.split(".")[0]!}.${"A".repeat(100_000)}.${signature}`,
    };
    const words = new Set<string>();
    for (const [name, token] of Object.entries(tokens)) {
      const answer = await me(token);
      if (answer.statusCode === 431) continue; // longer than any header may be
      expect(answer.statusCode, name).toBe(401);
      words.add(JSON.stringify({ ...problemOf(answer), trace_id: "" }));
    }
    expect(words.size).toBe(1);
    expect(Object.keys(tokens).length).toBeGreaterThan(55);
  });
});

describe("a refresh token", () => {
  it("works once and gives its successor, which rests as a digest", async () => {
    const first = await signIn();
    const second = (await refresh(first.refreshToken)).json<Tokens>();
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await statusOf(second.accessToken)).toBe(200);
    const third = (await refresh(second.refreshToken)).json<Tokens>();
    expect(partsOf(third.accessToken).payload["sid"]).toBe(partsOf(first.accessToken).payload["sid"]);
    const rows = await test.db.asOwner("select r.*, encode(token_hash, 'base64') as b, encode(successor_salt, 'base64') as s from refresh_tokens r");
    for (const token of [first, second, third]) expect(JSON.stringify(rows)).not.toContain(token.refreshToken);
  });

  it("gives the same successor again within ten seconds, to the predecessor of an unused one alone [AU-07]", async () => {
    const first = await signIn();
    const second = (await refresh(first.refreshToken)).json<Tokens>();
    test.clock.advance(10_000);
    expect((await refresh(first.refreshToken)).json<Tokens>().refreshToken).toBe(second.refreshToken);
    expect((await refresh(second.refreshToken)).statusCode).toBe(200);
    const detected = await audited("token.reuse_detected");
    expect((await refresh(first.refreshToken)).statusCode, "its successor was used").toBe(401);
    expect(await audited("token.reuse_detected")).toBe(detected + 1);
  });

  it("shown again after its grace ends the family: access, successor and all [AU-07]", async () => {
    const first = await signIn();
    const bystander = await signIn();
    const second = (await refresh(first.refreshToken)).json<Tokens>();
    expect(await statusOf(second.accessToken)).toBe(200);
    test.clock.advance(10_001);
    const detected = await audited("token.reuse_detected");
    expect((await refresh(first.refreshToken)).statusCode).toBe(401);
    expect(await audited("token.reuse_detected")).toBe(detected + 1);
    expect(await statusOf(second.accessToken)).toBe(401);
    for (const { refreshToken } of [first, second]) expect((await refresh(refreshToken)).statusCode).toBe(401);
    expect(await audited("token.reuse_detected"), "there is no family any more").toBe(detected + 1);
    expect((await refresh(bystander.refreshToken)).statusCode, "another sign-in is another family").toBe(200);
  });

  it("gives one successor to fifty who come at once [AU-07]", async () => {
    const first = await signIn();
    const { sid } = partsOf(first.accessToken).payload;
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(first.refreshToken)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 50 }, () => 200));
    expect(new Set(answers.map((answer) => answer.json<Tokens>().refreshToken)).size).toBe(1);
    expect(await test.db.asOwner("select generation from refresh_tokens where session_id = $1 order by 1", [sid])).toEqual([{ generation: 1 }, { generation: 2 }]);
    expect((await refresh(answers[0]!.json<Tokens>().refreshToken)).statusCode).toBe(200);
  });

  it("ends after fourteen idle days, and with all its family after thirty", async () => {
    const idle = await signIn();
    test.clock.advance(14 * DAY);
    expect((await refresh(idle.refreshToken)).statusCode).toBe(401);
    let busy = await signIn();
    const endsMs = test.clock.now() + 30 * DAY;
    for (let turn = 0; turn < 3; turn += 1) {
      test.clock.advance(9 * DAY);
      busy = (await refresh(busy.refreshToken)).json<Tokens>();
    }
    expect(Date.parse(busy.refreshExpiresAt)).toBe(endsMs);
    test.clock.advance(endsMs - test.clock.now());
    expect((await refresh(busy.refreshToken)).statusCode).toBe(401);
  });

  it("that is nonsense, missing or blocked is one and the same 401", async () => {
    const { refreshToken, accessToken } = await signIn(test.people.stranger.email);
    await test.db.asOwner("update users set blocked_at = now() where id = $1", [test.people.stranger.userId]);
    const words = new Set<string>();
    for (const token of [refreshToken, accessToken.slice(0, 200), "A".repeat(43), "' or 1=1 -- and more", "\u0000".repeat(43)]) {
      const answer = await refresh(token);
      expect(answer.statusCode).toBe(401);
      words.add(JSON.stringify({ ...problemOf(answer), trace_id: "" }));
    }
    await test.db.asOwner("update users set blocked_at = null");
    expect(words.size).toBe(1);
    expect((await refresh(refreshToken)).statusCode).toBe(200);
  });

  it("leaves nothing behind that could make its successor, once the grace is over", async () => {
    await refresh((await signIn()).refreshToken);
    const salted = () => test.db.asOwner("select 1 from refresh_tokens where successor_salt is not null");
    expect((await salted()).length).toBeGreaterThan(0);
    test.clock.advance(10_001);
    await sweepSessions({ database: test.db.database, clock: test.clock });
    expect(await salted()).toEqual([]);
    test.clock.advance(31 * DAY);
    await sweepSessions({ database: test.db.database, clock: test.clock });
    expect(await test.db.asOwner("select 1 from refresh_tokens union all select 1 from sessions")).toEqual([]);
  });
});

describe("the end of a session", () => {
  /** Another process on the same database. */
  const another = () => createSessions({ database: test.db.database, clock: test.clock, secret: SECRET, issuer: test.origin });
  const ends: Record<string, (userId: string) => Promise<unknown>> = {
    "a password, role or account that changed": (userId) => test.db.database.withOrganization(test.people.organizationId, (tx) => endSessionsOf(tx, userId)),
    "the same by the system": (userId) => test.db.database.asSystem((tx) => endSessionsOf(tx, userId)),
    "a block": (userId) => test.db.asOwner("update users set blocked_at = now() where id = $1", [userId]),
  };

  it.each(Object.keys(ends))("by %s is known on every process within five seconds, and to refresh tokens at once [AU-08]", async (name) => {
    const { patient } = test.people;
    const tokens = await signIn();
    const elsewhere = another();
    expect(await statusOf(tokens.accessToken)).toBe(200);
    expect(await elsewhere.find(tokens.accessToken)).toMatchObject({ userId: patient.userId });
    await ends[name]!(patient.userId);
    expect((await refresh(tokens.refreshToken)).statusCode).toBe(401);
    test.clock.advance(5_000);
    expect(await statusOf(tokens.accessToken)).toBe(401);
    expect(await elsewhere.find(tokens.accessToken)).toBeNull();
    await test.db.asOwner("update users set blocked_at = null");
  });

  it("by signing out is known to this process at once and to the others within five seconds [AU-08]", async () => {
    const { accessToken } = await signIn();
    const elsewhere = another();
    expect(await elsewhere.find(accessToken)).not.toBeNull();
    await test.request({ method: "DELETE", url: "/api/v1/session", headers: { authorization: `Bearer ${accessToken}` } });
    expect(await statusOf(accessToken)).toBe(401);
    expect(await elsewhere.find(accessToken, { fresh: true }), "who must be sure asks anew").toBeNull();
    test.clock.advance(5_000);
    expect(await elsewhere.find(accessToken)).toBeNull();
  });

  it("spares the one that gave the reason, whose program must refresh", async () => {
    const [mine, other] = [await signIn(), await signIn()];
    const actor = (await another().find(mine.accessToken))!;
    await test.db.database.withOrganization(test.people.organizationId, (tx) => endSessionsOf(tx, actor.userId, { except: actor.session.hash }));
    test.clock.advance(5_000);
    expect([await statusOf(mine.accessToken), await statusOf(other.accessToken)]).toEqual([401, 401]);
    const next = await refresh(mine.refreshToken);
    expect(await statusOf(next.json<Tokens>().accessToken)).toBe(200);
    expect((await refresh(other.refreshToken)).statusCode).toBe(401);
  });

  it("asks the database once in four seconds for a program, however often it comes", async () => {
    const { accessToken } = await signIn();
    let looks = 0;
    const { database } = test.db;
    const counting = createSessions({
      clock: test.clock, secret: SECRET, issuer: test.origin,
      database: { ...database, look: (text, values) => ((looks += 1), database.look(text, values)) },
    });
    for (let turn = 0; turn < 100; turn += 1) expect(await counting.find(accessToken)).not.toBeNull();
    expect(looks).toBe(1);
    test.clock.advance(4_000);
    await counting.find(accessToken);
    expect(looks).toBe(2);
  });

  it("is heard by a live stream when its access token ends in mid-stream [AU-25]", async () => {
    const { accessToken } = await signIn();
    const answer = await fetch(`${test.origin}/api/v1/patients/me/live`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(answer.status).toBe(200);
    const read = (async () => {
      for await (const chunk of answer.body!) void chunk;
    })();
    test.clock.advance(10 * MINUTE);
    await read;
  }, 15_000);
});
