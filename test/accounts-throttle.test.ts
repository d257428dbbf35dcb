/** Guessing at sign-in: slowed by account, by address and in all, for known and unknown names alike, and never at the cost of the owner. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { startTestApp, TEST_PASSWORD, type TestApp } from "./kit/app.ts";
import { DAY, HOUR, MINUTE, problemOf } from "./api/kit.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(() => test.db.asOwner("truncate sign_in_failures, known_devices"));

interface From {
  readonly address?: string;
  readonly cookie?: string;
}
const signIn = (identifier: string, password: string, { address = "203.0.113.7", cookie }: From = {}): Promise<LightMyRequestResponse> =>
  test.server.inject({ method: "POST", url: "/api/v1/session", payload: { identifier, password }, remoteAddress: address, headers: cookie ? { cookie } : {} });
const fail = async (times: number, identifier: string, from?: (turn: number) => From): Promise<void> => {
  for (let turn = 0; turn < times; turn += 1) expect((await signIn(identifier, "wrong", from?.(turn))).statusCode).toBe(401);
};
const elsewhere = (turn: number): From => ({ address: `198.51.${turn % 250}.9` });
const deviceOf = (answer: LightMyRequestResponse): string => [answer.headers["set-cookie"]].flat().find((each) => each?.startsWith("__Host-islet_device="))!.split(";")[0]!;
const words = (answer: LightMyRequestResponse): object => ({ ...problemOf(answer), trace_id: "" });

describe("guessing one account's password", () => {
  it("is refused after ten tries, the right password with the same words, and let in again by and by [AU-01]", async () => {
    const { email } = test.people.patient;
    const wrong = await signIn(email, "wrong");
    await fail(9, email, elsewhere);
    const right = await signIn(email, TEST_PASSWORD, { address: "192.0.2.1" });
    expect(words(right)).toEqual(words(wrong));
    test.clock.advance(MINUTE - 1);
    expect((await signIn(email, TEST_PASSWORD, { address: "192.0.2.1" })).statusCode).toBe(401);
    test.clock.advance(1);
    expect((await signIn(email, TEST_PASSWORD, { address: "192.0.2.1" })).statusCode).toBe(200);
    // Begins anew.
    await fail(9, email, elsewhere);
    expect((await signIn(email, TEST_PASSWORD, { address: "192.0.2.1" })).statusCode).toBe(200);
  });

  it("does not slip through by many tries at once [AU-01]", async () => {
    const { email } = test.people.patient;
    await Promise.all(Array.from({ length: 40 }, (_, turn) => signIn(email, "wrong", elsewhere(turn))));
    const rows = await test.db.asOwner<{ n: number }>("select max(streak) as n from sign_in_failures where streak > 1 and failures = streak group by key having max(streak) < 40");
    expect(rows.map(({ n }) => n)).toContain(10);
    expect((await signIn(email, TEST_PASSWORD, { address: "192.0.2.1" })).statusCode).toBe(401);
  });

  it("is counted alike for a name that nobody has: the same answers, the same rows [AU-03]", async () => {
    for (const identifier of [test.people.patient.email, "nobody@example.org", "12345678Z", "nobody.at.all"]) {
      await test.db.asOwner("truncate sign_in_failures");
      const answers = [];
      for (let turn = 0; turn < 12; turn += 1) answers.push(words(await signIn(identifier, "wrong")));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size, identifier).toBe(1);
      const rows = await test.db.asOwner<{ streak: number }>("select streak from sign_in_failures order by streak");
      expect(rows.map(({ streak }) => streak), identifier).toEqual([10, 10, 10, 10]);
    }
    expect(JSON.stringify(await test.db.asOwner("select encode(key, 'escape') as key from sign_in_failures"))).not.toContain("nobody");
  });

  it("is one account whatever it is called by", async () => {
    const { email, userId } = test.people.patient;
    await test.db.asOwner("update users set username = 'the.patient' where id = $1", [userId]);
    await fail(5, email, elsewhere);
    await fail(5, "The.Patient", elsewhere);
    expect((await signIn(email, TEST_PASSWORD)).statusCode).toBe(401);
  });
});

describe("a browser that has signed in before", () => {
  it("is let in while strangers guess at its account, for thirty days [AU-02] [AU-21]", async () => {
    const { email } = test.people.patient;
    const cookie = deviceOf(await signIn(email, TEST_PASSWORD));
    await fail(30, email, elsewhere);
    await fail(12, email);
    expect((await signIn(email, TEST_PASSWORD)).statusCode).toBe(401);
    expect((await signIn(email, TEST_PASSWORD, { cookie })).statusCode).toBe(200);
    test.clock.advance(30 * DAY);
    await fail(12, email);
    expect((await signIn(email, TEST_PASSWORD, { cookie })).statusCode).toBe(401);
  });

  it("is judged by its own tries, and is no way to guess without end [AU-01]", async () => {
    const { email } = test.people.patient;
    const cookie = deviceOf(await signIn(email, TEST_PASSWORD));
    await fail(10, email, () => ({ cookie }));
    expect((await signIn(email, TEST_PASSWORD, { cookie })).statusCode).toBe(401);
    // Its tries were not the account's.
    expect((await signIn(email, TEST_PASSWORD)).statusCode).toBe(200);
  });

  it("is of one user, by a cookie that no script sees and nobody can plant [AU-02]", async () => {
    const answer = await signIn(test.people.patient.email, TEST_PASSWORD);
    const header = [answer.headers["set-cookie"]].flat().find((each) => each?.startsWith("__Host-islet_device="))!;
    expect(header.split("; ").slice(1).toSorted()).toEqual([expect.stringMatching(/^Expires=/), "HttpOnly", "Path=/", "SameSite=Strict", "Secure"]);
    const { email } = test.people.stranger;
    await fail(12, email);
    expect((await signIn(email, TEST_PASSWORD, { cookie: header.split(";")[0]! })).statusCode).toBe(401);
    const planted = `__Host-islet_device=${"A".repeat(43)}`;
    test.clock.advance(HOUR);
    expect(deviceOf(await signIn(email, TEST_PASSWORD, { cookie: planted }))).not.toBe(planted);
    expect(JSON.stringify(await test.db.asOwner("select encode(token_hash, 'escape') as hash from known_devices"))).not.toContain(header.split(/[=;]/)[1]!);
  });
});

describe("one address trying many accounts", () => {
  it("is slowed, its whole network with it, and nobody elsewhere [AU-02]", async () => {
    for (let turn = 0; turn < 50; turn += 1) await signIn(`user${turn}@example.org`, "Summer2026!Summer", { address: `203.0.113.${turn}` });
    const { email } = test.people.patient;
    expect((await signIn(email, TEST_PASSWORD, { address: "203.0.113.99" })).statusCode).toBe(401);
    expect((await signIn(email, TEST_PASSWORD, { address: "203.0.114.99" })).statusCode).toBe(200);
  });
});

describe("the address of whoever signs in", () => {
  const spoofed = (app: TestApp, identifier: string, forwarded: string): Promise<LightMyRequestResponse> =>
    app.server.inject({ method: "POST", url: "/api/v1/session", payload: { identifier, password: "wrong" }, remoteAddress: "192.0.2.10", headers: { "x-forwarded-for": forwarded, "x-real-ip": forwarded, forwarded: `for=${forwarded}` } });

  it("is not what the request says it is [AU-22]", async () => {
    for (let turn = 0; turn < 50; turn += 1) await spoofed(test, `spoof${turn}@example.org`, `10.${turn}.1.1`);
    expect((await signIn(test.people.patient.email, TEST_PASSWORD, { address: "192.0.2.11" })).statusCode).toBe(401);
  });

  it("is what the operator's own proxy says, and of a chain the part that no stranger wrote [AU-22]", async () => {
    const behind = await startTestApp({ env: { ISLET_TRUSTED_PROXIES: "192.0.2.0/24" } });
    try {
      for (let turn = 0; turn < 50; turn += 1) await spoofed(behind, `spoof${turn}@example.org`, `10.${turn}.1.1, 203.0.113.5`);
      const right = (forwarded: string): Promise<LightMyRequestResponse> =>
        behind.server.inject({ method: "POST", url: "/api/v1/session", payload: { identifier: behind.people.patient.email, password: TEST_PASSWORD }, remoteAddress: "192.0.2.10", headers: { "x-forwarded-for": forwarded } });
      expect((await right("203.0.113.6")).statusCode).toBe(401);
      expect((await right("198.51.100.6")).statusCode).toBe(200);
    } finally {
      await behind.close();
    }
  });
});

describe("a flood of sign-ins", () => {
  it("leaves other routes their time, and answers 503 with when to come again [AU-05]", async () => {
    const token = await test.signIn(test.people.patient.email);
    const flood = Promise.all(Array.from({ length: 200 }, (_, turn) => signIn(`flood${turn}@example.org`, "wrong", { address: `10.${turn}.0.1` })));
    const times: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const startedMs = performance.now();
      expect((await test.request({ method: "GET", url: "/api/v1/me", headers: { authorization: `Bearer ${token}` } })).statusCode).toBe(200);
      times.push(performance.now() - startedMs);
    }
    const answers = await flood;
    expect(Math.max(...times)).toBeLessThan(2_000);
    const busy = answers.filter(({ statusCode }) => statusCode === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.length).toBeLessThanOrEqual(200 - 131);
    for (const answer of busy) expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    for (const answer of answers) expect([401, 503]).toContain(answer.statusCode);
  });
});

describe("a refused sign-in", () => {
  it("stands in the audit log without what was typed", async () => {
    await signIn("canary-name@example.org", "canary-password");
    await signIn(test.people.patient.email, "canary-password");
    const rows = await test.db.asOwner<{ object_id: string | null }>("select * from audit_log where action = 'session.refused' order by id desc limit 2");
    expect(rows.map(({ object_id: id }) => id)).toEqual([test.people.patient.userId, null]);
    expect(JSON.stringify(await test.db.asOwner("select * from audit_log"))).not.toContain("canary");
  });
});
