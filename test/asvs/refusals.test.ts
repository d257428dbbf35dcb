/** Whoever is refused leaves a trace: in the log for any reason, in the audit log for what the role may not. */
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { startTestApp, TEST_PASSWORD, type TestApp } from "#test/kit/app.ts";

const CANARY = "canary-51e0";

let test: TestApp;
const stream = new PassThrough();
const lines = (): Record<string, unknown>[] => String(stream.read() ?? "").split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
const refusals = (): Record<string, unknown>[] => lines().filter(({ event }) => event === "request_refused");
beforeAll(async () => {
  test = await startTestApp({ log: createLog("info", stream), env: { ISLET_SENSITIVE_LIMIT: "8" } });
});
beforeEach(() => void stream.read());
afterAll(() => test.close());

describe("a refused request", () => {
  it("is in the log with when, what, which route and why, and nothing of what was sent [ASVS 16.2.1, 16.3.3]", async () => {
    const { patient } = test.people;
    await test.request({ method: "GET", url: `/api/v1/me?x=${CANARY}`, headers: { authorization: `Bearer ${CANARY.repeat(3)}` } });
    await test.request({ as: patient, method: "PATCH", url: "/api/v1/me", payload: { locale: CANARY } });
    await test.request({ as: patient, method: "PATCH", url: "/api/v1/me", headers: { "content-type": "text/xml" }, payload: CANARY });
    const answer = await test.request({ as: patient, method: "GET", url: "/api/v1/users" });
    const text = stream.read() as Buffer | null;
    const told = String(text).split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === "request_refused");
    expect(told.map(({ status, problem, method, route }) => [status, problem, method, route])).toEqual([
      [401, "not_authenticated", "GET", "/api/v1/me"], [400, "invalid_input", "PATCH", "/api/v1/me"], [415, "unsupported_media_type", "PATCH", "/api/v1/me"], [403, "not_permitted", "GET", "/api/v1/users"],
    ]);
    expect(told.at(-1)).toMatchObject({ requestId: answer.headers["x-request-id"], time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string });
    expect(String(text)).not.toContain(CANARY);
  });

  it("is one where somebody asks too often, too [ASVS 2.4.1]", async () => {
    const ask = () => test.request({ method: "POST", url: "/api/v1/session", remoteAddress: "203.0.113.77", payload: { email: "nobody@example.org", password: TEST_PASSWORD } });
    for (let turn = 0; turn < 10; turn += 1) await ask();
    expect(refusals().filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  });

  it("for want of a role is in the audit log with who, as what and which route [ASVS 16.3.2]", async () => {
    const { clinician, organizationId } = test.people;
    const answer = await test.request({ as: clinician, method: "POST", url: "/api/v1/users", payload: {} });
    expect(answer.statusCode).toBe(403);
    const rows = await test.db.asOwner("select actor_user_id, actor_role, object_id, outcome, request_id from audit_log where action = 'access.refused' and actor_user_id = $1 and organization_id = $2", [clinician.userId, organizationId]);
    expect(rows).toEqual([{ actor_user_id: clinician.userId, actor_role: "clinician", object_id: "POST /api/v1/users", outcome: "refused", request_id: answer.headers["x-request-id"] }]);
  });
});

describe("a failure of ours", () => {
  it("lets nobody in: with the sessions' table out of reach a token opens nothing [ASVS 16.5.3]", async () => {
    await test.db.asOwner("alter table sessions rename to sessions_away");
    try {
      const answer = await test.request({ as: test.people.stranger, method: "GET", url: "/api/v1/me" });
      expect(answer.statusCode).toBeGreaterThanOrEqual(500);
      expect(answer.json()).not.toHaveProperty("userId");
      expect(answer.body).not.toMatch(/sessions|relation|select/);
    } finally {
      await test.db.asOwner("alter table sessions_away rename to sessions");
    }
    expect((await test.request({ as: test.people.stranger, method: "GET", url: "/api/v1/me" })).statusCode).toBe(200);
  });
});
