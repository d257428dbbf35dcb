import { describe, expect, it } from "vitest";
import type { ChallengeRequest } from "../options.ts";
import { visitSim } from "../testing.ts";

const PHONES = ["apple-health", "health-connect", "samsung-health"] as const;

async function visitPhone(status = 201) {
  const asked: { url: string; request: ChallengeRequest }[] = [];
  const visit = await visitSim({
    challenge: (url, _timeoutMs, request) => {
      asked.push({ url, request: request! });
      return Promise.resolve({ status, contentType: "application/json", body: JSON.stringify({ token: "device-token", pushUrl: "http://127.0.0.1:3000/api/v1/push/x" }) });
    },
  });
  return { visit, asked };
}

interface Sent {
  readonly provider: string;
  readonly data: { readonly records: { id: string; type: string; startDate: string; endDate: string }[]; readonly sleep: { parentId: string; stage: string; startDate: string }[]; readonly workouts: object[] };
}

describe.each(PHONES)("a phone with %s", (id) => {
  it("is paired with a code at Islet's own address, sends ninety days, and goes on", async () => {
    const { visit, asked } = await visitPhone();
    const answer = await visit.form(`/${id}/phone`, { person: "ana", code: "ABCD-1234" });
    expect(answer.statusCode).toBe(303);
    expect(asked).toMatchObject([{ url: "http://127.0.0.1:3000/api/v1/devices/pair", request: { method: "POST" } }]);
    expect(JSON.parse(asked[0]!.request.body)).toMatchObject({ code: "ABCD-1234" });
    await visit.sim.control.tick();
    expect(visit.sent).toHaveLength(90);
    expect(visit.sent.every(({ headers }) => headers["authorization"] === "Bearer device-token")).toBe(true);
    const bodies = visit.sent.map(({ body }) => JSON.parse(body) as Sent);
    const records = bodies.flatMap(({ data }) => data.records);
    expect(records.length).toBeGreaterThan(10_000);
    expect(new Set(records.map((record) => record.id)).size).toBe(records.length);
    expect(records.every(({ endDate }) => Date.parse(endDate) <= visit.now())).toBe(true);
    expect(new Set(bodies.flatMap(({ data }) => data.sleep.map(({ parentId }) => parentId))).size).toBeGreaterThan(80);
    visit.pass(20 * 60_000);
    await visit.sim.control.tick();
    expect(visit.sent).toHaveLength(91);
  });

  it("stays unpaired where the code is not taken, and forgets a token that has ended", async () => {
    const refused = await visitPhone(400);
    const answer = await refused.visit.form(`/${id}/phone`, { person: "ana", code: "WRONG" });
    expect(String(answer.headers.location)).toContain("not+taken");
    await refused.visit.sim.control.tick();
    expect(refused.visit.sent).toEqual([]);
    const { visit } = await visitPhone();
    await visit.form(`/${id}/phone`, { person: "ana", code: "ABCD-1234" });
    visit.receiver.status = 401;
    await visit.sim.control.tick();
    visit.receiver.status = 200;
    visit.sent.length = 0;
    visit.pass(3_600_000);
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
  });

  it("shows its page, and nothing of a token on it", async () => {
    const { visit } = await visitPhone();
    await visit.form(`/${id}/phone`, { person: "ana", code: "ABCD-1234" });
    const { body, statusCode } = await visit.get(`/${id}/phone`);
    expect(statusCode).toBe(200);
    expect(body).toContain("Pairing code");
    expect(body).not.toContain("device-token");
  });
});

it("sees the same night on each phone", async () => {
  const nights = await Promise.all(PHONES.map(async (id) => {
    const { visit } = await visitPhone();
    await visit.form(`/${id}/phone`, { person: "ana", code: "ABCD-1234" });
    await visit.sim.control.tick();
    return (JSON.parse(visit.sent[1]!.body) as Sent).data.sleep.map(({ stage, startDate }) => `${stage} ${startDate}`);
  }));
  expect(nights[0]!.length).toBeGreaterThan(5);
  expect(nights[1]).toEqual(nights[0]);
  expect(nights[2]).toEqual(nights[0]);
});
