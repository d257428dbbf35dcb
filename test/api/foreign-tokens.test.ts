/** Tokens of issuers that the operator trusts: a Supabase project's, by its published keys or by its shared secret (requirement R7). */
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { CompactSign, type JWK } from "jose";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";
import { MINUTE, problemOf } from "./kit.ts";

const ORGANIZATION = "11111111-2222-4333-8444-555555555555";
const SHARED = "the shared secret of the other project";
const PUBLISHED_ISSUER = "https://abc.supabase.co/auth/v1";
const SHARED_ISSUER = "https://def.supabase.co/auth/v1";
const CLOSED_ISSUER = "https://ghi.supabase.co/auth/v1";

const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed = generateKeyPairSync("ed25519");
const next = generateKeyPairSync("ec", { namedCurve: "P-256" });

let test: TestApp;
let jwksServer: Server;
/** What the issuer publishes, how often it was asked, and what it says instead. */
const published: { keys: JWK[]; asked: number; broken: null | "away" | "huge" | "nonsense" | "moved" } = { keys: [], asked: 0, broken: null };
const jwk = (key: KeyObject, kid: string): JWK => ({ ...(createPublicKey(key).export({ format: "jwk" }) as JWK), kid, use: "sig" });

beforeAll(async () => {
  published.keys = [jwk(ec.privateKey, "ec-1"), jwk(rsa.privateKey, "rsa-1"), jwk(ed.privateKey, "ed-1"), { kty: "oct", k: Buffer.from("x".repeat(32)).toString("base64url"), kid: "oct-1" }, { kty: "EC", crv: "P-256", kid: "broken" }];
  jwksServer = createServer((request, response) => {
    published.asked += 1;
    if (published.broken === "away") request.socket.destroy();
    else if (published.broken === "moved") response.writeHead(302, { location: "http://169.254.169.254/" }).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(published.broken === "nonsense" ? "<html>" : JSON.stringify({ keys: published.keys, ...(published.broken === "huge" ? { filler: "x".repeat(300_000) } : {}) }));
  });
  await new Promise<void>((resolve) => jwksServer.listen(0, "127.0.0.1", resolve));
  const jwksUrl = `http://127.0.0.1:${(jwksServer.address() as AddressInfo).port}/keys`;
  const create = { role: "patient", organization: ORGANIZATION };
  test = await startTestApp({
    env: {
      ISLET_PRIVATE_ADDRESSES: "on",
      ISLET_TOKEN_ISSUERS: JSON.stringify([
        { issuer: PUBLISHED_ISSUER, audience: "authenticated", jwksUrl, create }, { issuer: SHARED_ISSUER, audience: "authenticated", sharedSecret: SHARED, create },
        { issuer: CLOSED_ISSUER, audience: "authenticated", sharedSecret: SHARED, userClaim: "external_id" },
      ]),
    },
  });
  await test.db.asOwner("insert into organizations (id, name) values ($1, 'The Supabase project')", [ORGANIZATION]);
});
afterAll(async () => {
  await test.close();
  jwksServer.close();
});

const nowS = (): number => test.clock.now() / 1_000;
const claims = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: PUBLISHED_ISSUER, aud: "authenticated", sub: "5a6b1f2e-0000-4000-8000-000000000001", iat: nowS(), exp: nowS() + 3_600, role: "authenticated", ...more,
});
const sign = (body: unknown, head: Record<string, unknown> = {}, key: KeyObject = ec.privateKey): Promise<string> =>
  new CompactSign(Buffer.from(typeof body === "string" ? body : JSON.stringify(body))).setProtectedHeader({ alg: "ES256", kid: "ec-1", typ: "JWT", ...head }).sign(key);
const hmac = (body: Record<string, unknown>, head: Record<string, unknown> = {}, secret: string | Buffer = SHARED): string => {
  const start = [{ alg: "HS256", typ: "JWT", ...head }, body].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${start}.${createHmac("sha256", secret).update(start).digest("base64url")}`;
};
const shared = (more: Record<string, unknown> = {}): Record<string, unknown> => claims({ iss: SHARED_ISSUER, ...more });
const me = (token: string): Promise<LightMyRequestResponse> => test.request({ method: "GET", url: "/api/v1/me", headers: { authorization: `Bearer ${token}` } });
const statusOf = async (token: string): Promise<number> => (await me(token)).statusCode;

describe("a token of a trusted issuer [R7]", () => {
  it("opens the account of its subject, which is made the first time, by the operator's rule", async () => {
    const first = await me(await sign(claims()));
    expect(first.json()).toMatchObject({ roles: ["patient"], organization: { id: ORGANIZATION } });
    expect(first.json<{ patientId: string }>().patientId).toMatch(/^[0-9a-f-]{36}$/);
    const again = await me(await sign(claims({ iat: nowS() - 1 })));
    expect(again.json<{ userId: string }>().userId).toBe(first.json<{ userId: string }>().userId);
    const other = await me(await sign(claims({ sub: "somebody else" })));
    expect(other.json<{ userId: string }>().userId).not.toBe(first.json<{ userId: string }>().userId);
    const sameName = await me(hmac(shared()));
    expect(sameName.json<{ userId: string }>().userId, "the same subject of another issuer is somebody else").not.toBe(first.json<{ userId: string }>().userId);
  });

  it("reads and writes one's own data and nobody else's", async () => {
    const headers = { authorization: `Bearer ${await sign(claims())}` };
    expect((await test.request({ method: "GET", url: "/api/v1/patients/me/metrics?metrics=glucose", headers })).statusCode).toBe(200);
    expect((await test.request({ method: "PATCH", url: "/api/v1/me", headers, payload: { locale: "es" } })).statusCode).toBe(200);
    expect((await test.request({ method: "GET", url: `/api/v1/patients/${test.people.patient.patientId}/glucose/latest`, headers })).statusCode).toBe(404);
  });

  it("of fifty first requests at once makes one account", async () => {
    const token = await sign(claims({ sub: "in a hurry" }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => me(token)));
    expect(new Set(answers.map((answer) => answer.json<{ userId: string }>().userId)).size).toBe(1);
    expect(await test.db.asOwner("select 1 from outside_identities where subject = 'in a hurry'")).toHaveLength(1);
  });

  it("leads to nobody's account by an e-mail, and takes an address only verified and free [AU-15]", async () => {
    const { email, userId } = test.people.patient;
    const emailOf = async (more: Record<string, unknown>): Promise<{ email: string; userId: string }> => (await me(await sign(claims(more)))).json();
    const claimed = await emailOf({ sub: "a thief", email, email_verified: true, roles: ["admin"], role: "admin", organizationId: test.people.organizationId });
    expect(claimed.userId).not.toBe(userId);
    expect(claimed.email).toMatch(/@outside\.invalid$/);
    expect((await emailOf({ sub: "unverified", email: "new@example.org" })).email).toMatch(/@outside\.invalid$/);
    expect((await emailOf({ sub: "verified", email: "New@Example.org", email_verified: true })).email).toBe("new@example.org");
    const answer = await test.request({ method: "POST", url: "/api/v1/tokens", payload: { email: "new@example.org", password: TEST_PASSWORD } });
    expect(answer.statusCode, "no password opens it").toBe(401);
  });

  it("with RS256 opens where the issuer's keys are of that kind", async () => {
    expect(await statusOf(await sign(claims(), { alg: "RS256", kid: "rsa-1" }, rsa.privateKey))).toBe(200);
    expect(await statusOf(await sign(claims(), { alg: "EdDSA", kid: "ed-1" }, ed.privateKey)), "an algorithm that the operator did not list").toBe(401);
  });

  it("of an unknown subject is refused where nobody is to be made, and opens once it is linked", async () => {
    const token = hmac({ ...claims({ iss: CLOSED_ISSUER, external_id: "e-7" }), sub: "not asked" });
    expect(await statusOf(token)).toBe(401);
    await test.db.asOwner("insert into outside_identities (issuer, subject, organization_id, user_id, created_at) values ($1, 'e-7', $2, $3, now())", [CLOSED_ISSUER, test.people.organizationId, test.people.patient.userId]);
    expect((await me(token)).json()).toMatchObject({ userId: test.people.patient.userId });
  });

  it("of a blocked person is refused within five seconds [AU-08]", async () => {
    const token = await sign(claims({ sub: "to be blocked" }));
    expect(await statusOf(token)).toBe(200);
    await test.db.asOwner("update users set blocked_at = now() where id = (select user_id from outside_identities where subject = 'to be blocked')");
    test.clock.advance(5_000);
    expect(await statusOf(await sign(claims({ sub: "to be blocked" })))).toBe(401);
    expect(await test.db.asOwner("select 1 from outside_identities where subject = 'to be blocked'"), "and nobody new is made of it").toHaveLength(1);
  });

  it("does not sign out here, and does nothing that needs a proof", async () => {
    const headers = { authorization: `Bearer ${await sign(claims())}` };
    expect((await test.request({ method: "DELETE", url: "/api/v1/session", headers })).statusCode).toBe(403);
    const key = await test.request({ method: "POST", url: "/api/v1/api-keys", headers, payload: { name: "x", scopes: ["data:read"] } });
    expect([key.statusCode, problemOf(key).code]).toEqual([403, "proof_required"]);
  });

  it("of any other making is refused, with one answer, and makes nobody [AU-06]", async () => {
    const good = await sign(claims({ sub: "never" }));
    const [head = "", body = "", signature = ""] = good.split(".");
    const never = (more: Record<string, unknown> = {}) => claims({ sub: "never", ...more });
    const neverShared = (more: Record<string, unknown> = {}) => shared({ sub: "never", ...more });
    const without = (name: string, from = never()) => Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const publicPem = ec.publicKey.export({ type: "spki", format: "pem" });
    const tokens: Record<string, string> = {
      "alg none": `${part({ alg: "none", typ: "JWT" })}.${body}.`, "alg none, signed": `${part({ alg: "none", kid: "ec-1" })}.${body}.${signature}`, "alg missing": `${part({ kid: "ec-1" })}.${body}.${signature}`,
      "HS256 with the public key": hmac(never(), { kid: "ec-1" }, publicPem as string), "HS256 with a published shared key": hmac(never(), { kid: "oct-1" }, "x".repeat(32)), "HS256 with the other issuer's secret": hmac(never(), { kid: "ec-1" }),
      "another algorithm for the key": await sign(never(), { alg: "RS256" }, rsa.privateKey), "another key for the kid": await sign(never(), {}, next.privateKey),
      "kid missing": await sign(never(), { kid: undefined }), "kid unknown": await sign(never(), { kid: "ec-2" }), "kid a path": await sign(never(), { kid: "../../etc/passwd" }), "kid SQL": await sign(never(), { kid: "' or 1=1 --" }), "kid empty": await sign(never(), { kid: "" }), "kid of a broken key": await sign(never(), { kid: "broken" }),
      jku: await sign(never(), { jku: "https://evil.example" }), x5u: await sign(never(), { x5u: "https://evil.example" }), jwk: await sign(never(), { jwk: jwk(next.privateKey, "x") }, next.privateKey), crit: `${part({ alg: "ES256", kid: "ec-1", crit: ["x"], x: 1 })}.${body}.${signature}`,
      "another payload": `${head}.${part(never({ sub: "x" }))}.${signature}`, "no signature": `${head}.${body}.`, "trailing bytes": `${good}AAAA`,
      "typ of something else": await sign(never(), { typ: "logout+jwt" }), "exp missing": await sign(without("exp")), "exp past": await sign(never({ exp: nowS() })), "exp a string": await sign(never({ exp: String(nowS() + 60) })), "exp NaN": await sign(never({ exp: Number.NaN })),
      "nbf future": await sign(never({ nbf: nowS() + 60 })), "aud another": await sign(never({ aud: "anon" })), "aud missing": await sign(without("aud")), "iss another": await sign(never({ iss: `${PUBLISHED_ISSUER}/` })), "iss missing": await sign(without("iss")),
      "iss of the issuer with a secret, signed by the one with keys": await sign(neverShared()), "sub missing": await sign(without("sub")), "sub empty": await sign(never({ sub: "" })), "sub a number": await sign(never({ sub: 1 })), "sub with a NUL": await sign(never({ sub: "a\0b" })), "sub too long": await sign(never({ sub: "x".repeat(256) })),
      "anonymous": await sign(never({ is_anonymous: true })), "the secret's, by another secret": hmac(neverShared(), {}, `${SHARED}!`), "the secret's, by none": hmac(neverShared(), {}, ""), "the secret's, ES256": await sign(neverShared()), "the secret's, HS512": hmac(neverShared(), { alg: "HS512" }),
      "a project's anon key": hmac({ iss: SHARED_ISSUER, ref: "def", role: "anon", iat: nowS(), exp: nowS() + 1e9 }), "a project's service key": hmac({ iss: SHARED_ISSUER, role: "service_role", aud: "authenticated", iat: nowS(), exp: nowS() + 1e9 }),
    };
    const words = new Set<string>();
    for (const [name, token] of Object.entries(tokens)) {
      const answer = await me(token);
      expect(answer.statusCode, name).toBe(401);
      words.add(JSON.stringify({ ...problemOf(answer), trace_id: "" }));
    }
    expect(words.size).toBe(1);
    expect(Object.keys(tokens).length).toBeGreaterThan(40);
    expect(await test.db.asOwner("select 1 from outside_identities where subject in ('never', '1', '') or subject like 'xxxx%'")).toEqual([]);
    expect(await statusOf(good)).toBe(200);
  });
});

describe("an issuer's keys", () => {
  it("are asked for once in ten minutes, for an unknown name once in half a minute, and changed without a restart", async () => {
    test.clock.advance(11 * MINUTE);
    const before = published.asked;
    for (let turn = 0; turn < 5; turn += 1) expect(await statusOf(await sign(claims()))).toBe(200);
    expect(published.asked).toBe(before + 1);
    test.clock.advance(MINUTE);
    await Promise.all(Array.from({ length: 20 }, async (_, turn) => statusOf(await sign(claims(), { kid: `made-up-${turn}` }))));
    expect(published.asked, "whoever makes up names").toBe(before + 2);
    published.keys = [jwk(next.privateKey, "ec-2")];
    test.clock.advance(30_000);
    expect(await statusOf(await sign(claims(), { kid: "ec-2" }, next.privateKey)), "the new one at once").toBe(200);
    expect(await statusOf(await sign(claims())), "the old one is gone").toBe(401);
  });

  it("go on while the issuer is away, sends nonsense, too much, or elsewhere", async () => {
    for (const broken of ["away", "huge", "nonsense", "moved"] as const) {
      published.broken = broken;
      test.clock.advance(11 * MINUTE);
      expect(await statusOf(await sign(claims(), { kid: "ec-2" }, next.privateKey)), broken).toBe(200);
      expect(await statusOf(await sign(claims(), { kid: "unknown" })), broken).toBe(401);
    }
    published.broken = null;
  });

  it("are not fetched from a private address unless the operator allows it [OA-26]", async () => {
    const jwksUrl = `https://127.0.0.1:${(jwksServer.address() as AddressInfo).port}/keys`;
    const careful = await startTestApp({ env: { ISLET_TOKEN_ISSUERS: JSON.stringify([{ issuer: PUBLISHED_ISSUER, audience: "authenticated", jwksUrl }]) } });
    try {
      const before = published.asked;
      const answer = await careful.request({ method: "GET", url: "/api/v1/me", headers: { authorization: `Bearer ${await sign(claims(), { kid: "ec-2" }, next.privateKey)}` } });
      expect(answer.statusCode).toBe(401);
      expect(published.asked).toBe(before);
    } finally {
      await careful.close();
    }
  });
});
