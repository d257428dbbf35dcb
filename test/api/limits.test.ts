/** How much may be asked, by whom, and what the protection around every answer says. Requirement R10; faults AU-22, PR-12. */
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { problemOf } from "./kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_SENSITIVE_LIMIT: "3", ISLET_REQUEST_LIMIT: "5", ISLET_TRUSTED_PROXIES: "10.0.0.0/8" } });
});
afterAll(() => test.close());

/** A caller that nobody has heard of. */
let addresses = 0;
const stranger = (): string => `192.0.2.${(addresses += 1)}`;
const attempt = (url: string, from: string, headers: InjectOptions["headers"] = {}): Promise<LightMyRequestResponse> =>
  test.request({ method: "POST", url, remoteAddress: from, headers, payload: { email: "nobody@example.org", password: "wrong and wrong" } });
const statuses = async (times: number, ask: () => Promise<LightMyRequestResponse>): Promise<number[]> => {
  const found: number[] = [];
  for (let turn = 0; turn < times; turn += 1) found.push((await ask()).statusCode);
  return found;
};

describe("what is sensitive", () => {
  it("[R10] is answered so often to an address in a quarter of an hour, all such routes together, with the standard headers", async () => {
    const from = stranger();
    const first = await attempt("/api/v1/session", from);
    expect(first.statusCode).toBe(401);
    expect([first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]]).toEqual(["3", "2"]);
    expect(Number(first.headers["ratelimit-reset"])).toBeGreaterThan(890);
    expect(await statuses(2, () => attempt("/api/v1/tokens", from))).toEqual([401, 401]);
    const refused = await attempt("/api/v1/session", from);
    expect(problemOf(refused)).toMatchObject({ status: 429, code: "too_many_requests", title: "Too many requests" });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(900);
    expect(refused.headers["ratelimit-remaining"]).toBe("0");
    expect((await attempt("/api/v1/session", stranger())).statusCode).toBe(401);
  });

  it("[R10] is a password that is tried for tokens, and not their refreshing: many apps come back from behind one address", async () => {
    const from = stranger();
    const refresh = () => test.request({ method: "POST", url: "/api/v1/tokens", remoteAddress: from, payload: { grant: "refresh_token", refreshToken: `islet_r_${"a".repeat(40)}` } });
    // Beyond what is sensitive, up to what is asked of everything.
    expect(await statuses(6, refresh)).toEqual([401, 401, 401, 401, 401, 429]);
    const other = stranger();
    expect(await statuses(4, () => attempt("/api/v1/tokens", other))).toEqual([401, 401, 401, 429]);
    // What only looks like a refreshing is a password that is tried.
    const disguised = await test.request({ method: "POST", url: "/api/v1/tokens", remoteAddress: other, payload: { refreshToken: "a".repeat(40), email: "nobody@example.org", password: "wrong and wrong" } });
    expect(disguised.statusCode).toBe(429);
  });

  it("[R10] is counted for an account, too, from wherever it asks", async () => {
    const { patient, stranger: other } = test.people;
    const share = (as: typeof patient) => test.request({ as, method: "POST", url: "/api/v1/patients/me/grants", remoteAddress: stranger(), payload: { email: "friend@example.org", scope: "view" } });
    expect(await statuses(4, () => share(patient))).toEqual([201, 201, 201, 429]);
    expect((await share(other)).statusCode).toBe(201);
  });

  it("takes networks of IPv6 for one address", async () => {
    expect(await statuses(3, () => attempt("/api/v1/session", `2001:db8:1:1::${(addresses += 1)}`))).toEqual([401, 401, 401]);
    expect((await attempt("/api/v1/session", "2001:db8:1:1:ffff::1")).statusCode).toBe(429);
    expect((await attempt("/api/v1/session", "2001:db8:1:2::1")).statusCode).toBe(401);
  });
});

describe("where a request comes from", () => {
  it("is not what a stranger says, so that no list of addresses gets around a limit [AU-22]", async () => {
    const from = stranger();
    let turn = 0;
    const lying = () => attempt("/api/v1/session", from, { "x-forwarded-for": `198.51.100.${(turn += 1)}`, forwarded: "for=198.51.100.9", "x-real-ip": "198.51.100.9" });
    expect(await statuses(4, lying)).toEqual([401, 401, 401, 429]);
  });

  it("is what a trusted proxy says, and nobody before it [AU-22]", async () => {
    const via = (chain: string) => attempt("/api/v1/session", "10.1.2.3", { "x-forwarded-for": chain });
    expect(await statuses(4, () => via("203.0.113.7"))).toEqual([401, 401, 401, 429]);
    expect((await via("203.0.113.8")).statusCode).toBe(401);
    // The first of the chain is what the caller said, and the last what our proxy saw.
    expect((await via("203.0.113.99, 203.0.113.7")).statusCode).toBe(429);
  });
});

describe("everything", () => {
  it("has a limit by the minute, but what machines ask every few seconds", async () => {
    const from = stranger();
    const ask = (url: string) => test.request({ method: "GET", url, remoteAddress: from });
    expect(await statuses(6, () => ask("/api/v1/me"))).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await statuses(6, () => ask("/health"))).toEqual([200, 200, 200, 200, 200, 200]);
  });

  it("says whom to tell of a weakness (RFC 9116)", async () => {
    const answer = await test.request({ method: "GET", url: "/.well-known/security.txt", remoteAddress: stranger() });
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    const fields = Object.fromEntries(answer.body.trimEnd().split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
    expect(fields).toMatchObject({ Contact: "mailto:security@127.0.0.1", "Preferred-Languages": "en, es", Canonical: `${test.origin}/.well-known/security.txt` });
    const left = Date.parse(fields["Expires"]!) - test.clock.now();
    expect(left).toBeGreaterThan(170 * 86_400_000);
    expect(left).toBeLessThan(365 * 86_400_000);
  });

  it("is answered with a policy that lets no inline script run, no frame hold it and no type be guessed", async () => {
    for (const url of ["/", "/api/v1/me", "/openapi.json"]) {
      const { headers } = await test.request({ method: "GET", url, remoteAddress: stranger() });
      const policy = String(headers["content-security-policy"]);
      expect(policy, url).toContain("script-src 'self'");
      expect(policy, url).not.toMatch(/unsafe-|\*|https?:/);
      expect(policy, url).toMatch(/frame-ancestors 'none'.*|object-src 'none'/);
      expect(headers["x-content-type-options"], url).toBe("nosniff");
      expect(headers["referrer-policy"], url).toBe("no-referrer");
    }
  });

  it("asks browsers to come by TLS alone where it is reached by TLS", async () => {
    const secure = await startTestApp({ env: { PUBLIC_URL: "https://islet.example" } });
    try {
      const { headers } = await secure.request({ method: "GET", url: "/api/v1/me" });
      expect(headers["strict-transport-security"]).toMatch(/max-age=31536000/);
      expect(headers["content-security-policy"]).toContain("upgrade-insecure-requests");
    } finally {
      await secure.close();
    }
  });
});
