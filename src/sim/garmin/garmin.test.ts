import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import { START_MS, visitSim } from "../testing.ts";
import type { Visit } from "../testing.ts";

const REST = "/garmin/wellness-api/rest";
const seconds = (ms: number): number => Math.floor(ms / 1000);
const backfillPath = (type: string, fromMs: number, toMs: number): string =>
  `${REST}/backfill/${type}?summaryStartTimeInSeconds=${seconds(fromMs)}&summaryEndTimeInSeconds=${seconds(toMs)}`;

type Body = Record<string, Record<string, unknown>[]>;

function bodies(visit: Visit): Body[] {
  return visit.sent.map((push) => JSON.parse(push.body) as Body);
}

describe("Garmin's pushes", () => {
  it("bring the last week soon after the connection, each type in one body, addressed to the user", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    const { userId } = (await visit.get(`${REST}/user/id`, access_token)).json<{ userId: string }>();
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
    visit.pass(5_000);
    await visit.sim.control.tick();
    const keys = bodies(visit).flatMap((body) => Object.keys(body));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining(["dailies", "sleeps", "stressDetails", "userMetrics", "hrv", "pulseox", "activities"]));
    for (const push of visit.sent) {
      expect(push.url).toBe("http://127.0.0.1:3000/webhooks/garmin");
      expect(push.headers).toMatchObject({ "garmin-client-id": "garmin-id", "content-type": "application/json;charset=UTF-8" });
    }
    for (const body of bodies(visit)) for (const record of Object.values(body).flat()) expect(record["userId"]).toBe(userId);
    const dailies = bodies(visit).find((body) => body["dailies"])!["dailies"]!;
    expect(dailies.length).toBe(8);
    expect(dailies.at(-1)!["durationInSeconds"]).toBeLessThan(86_400);
    const sleeps = bodies(visit).find((body) => body["sleeps"])!["sleeps"]!;
    expect(sleeps.length).toBeGreaterThanOrEqual(7);
    for (const night of sleeps) expect(Number(night["startTimeInSeconds"]) + Number(night["durationInSeconds"])).toBeLessThan(seconds(START_MS));
  });

  it("tell the growing day every few minutes, and a night when it is over", async () => {
    const visit = await visitSim();
    await visit.connect("garmin");
    visit.pass(5_000);
    await visit.sim.control.tick();
    visit.sent.length = 0;
    visit.pass(MINUTE_MS);
    await visit.sim.control.tick();
    expect(visit.sent).toEqual([]);
    visit.pass(3 * MINUTE_MS);
    await visit.sim.control.tick();
    expect(bodies(visit).flatMap((body) => Object.keys(body))).toEqual(expect.arrayContaining(["dailies", "stressDetails"]));
    visit.sent.length = 0;
    visit.pass(DAY_MS);
    await visit.sim.control.tick();
    const sleeps = bodies(visit).flatMap((body) => body["sleeps"] ?? []);
    expect(sleeps.length).toBe(1);
    const days = bodies(visit).flatMap((body) => body["dailies"] ?? []);
    expect(days.map((day) => day["durationInSeconds"])[0]).toBe(86_400);
  });

  it("are tried again with growing delay until they are taken, with the same bytes", async () => {
    const visit = await visitSim();
    await visit.connect("garmin");
    visit.pass(5_000);
    await visit.sim.control.tick();
    visit.sent.length = 0;
    visit.receiver.status = 503;
    const [first] = await visit.sim.control.push("garmin", "ana", "userMetrics");
    expect(first).toMatchObject({ status: 503, attempt: 1 });
    const waits: number[] = [];
    let dueMs = first!.retryMs!;
    for (let attempt = 2; attempt <= 5; attempt++) {
      waits.push(dueMs - visit.now());
      visit.pass(dueMs - visit.now() - 1);
      expect((await visit.sim.control.tick()).filter((result) => result.what === "userMetrics" && result.attempt > 1)).toEqual([]);
      visit.pass(1);
      const result = (await visit.sim.control.tick()).find((one) => one.what === "userMetrics" && one.attempt === attempt)!;
      dueMs = result.retryMs!;
    }
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect(new Set(waits).size).toBe(waits.length);
    visit.receiver.status = 200;
    const tries = visit.sent.filter((push) => push.body === visit.sent[0]!.body).length;
    expect(tries).toBe(5);
  });

  it("are given up after a bounded number of tries", async () => {
    const visit = await visitSim();
    await visit.connect("garmin");
    visit.receiver.status = 0;
    await visit.sim.control.push("garmin", "ana", "userMetrics");
    let last: number | null = null;
    for (let hour = 0; hour < 30; hour++) {
      visit.pass(40 * MINUTE_MS);
      for (const result of await visit.sim.control.tick()) if (result.what === "userMetrics" && result.retryMs === null) last = result.attempt;
    }
    expect(last).toBe(8);
  });

  it("are only for connected people and granted permissions", async () => {
    const visit = await visitSim();
    await expect(visit.sim.control.push("garmin", "ana", "dailies")).rejects.toThrow(RangeError);
    await visit.connect("garmin", { permissions: ["HEALTH_EXPORT"] });
    await expect(visit.sim.control.push("garmin", "ana", "activities")).rejects.toThrow("ACTIVITY_EXPORT");
    visit.pass(5_000);
    await visit.sim.control.tick();
    expect(bodies(visit).some((body) => "activities" in body)).toBe(false);
    await expect(visit.sim.control.push("garmin", "ana", "nonsense")).rejects.toThrow(RangeError);
    await expect(visit.sim.control.push("garmin", "nobody", "dailies")).rejects.toThrow(RangeError);
  });

  it("carry what real payloads carry: sentinels, lost contacts, two spellings", async () => {
    const visit = await visitSim();
    await visit.connect("garmin");
    await visit.connect("garmin", { person: "liam" });
    await visit.sim.control.push("garmin", "ana", "stressDetails", { days: 10 });
    await visit.sim.control.push("garmin", "ana", "pulseox", { days: 20 });
    await visit.sim.control.push("garmin", "ana", "sleeps", { days: 3 });
    await visit.sim.control.push("garmin", "liam", "sleeps", { days: 3 });
    const values = (key: string, field: string): number[] => bodies(visit).flatMap((body) => body[key] ?? []).flatMap((record) => Object.values(record[field] as Record<string, number>));
    const levels = values("stressDetails", "timeOffsetStressLevelValues");
    for (const sentinel of [-1, -2, -4]) expect(levels).toContain(sentinel);
    expect(levels.some((level) => level > 25)).toBe(true);
    expect(values("pulseox", "timeOffsetSpo2Values")).toContain(0);
    const spellings = bodies(visit).flatMap((body) => body["sleeps"] ?? []).map((night) => "unmeasurableSleepInSeconds" in night);
    expect(new Set(spellings)).toEqual(new Set([true, false]));
  });

  it("leave out what a watch does not measure", async () => {
    const visit = await visitSim();
    await visit.connect("garmin", { person: "tomas" });
    expect(await visit.sim.control.push("garmin", "tomas", "hrv")).toEqual([]);
    await visit.sim.control.push("garmin", "tomas", "sleeps");
    expect(bodies(visit)[0]!["sleeps"]![0]).not.toHaveProperty("timeOffsetSleepSpo2");
  });
});

describe("Garmin's ping mode", () => {
  it("gives an address that serves its records once, to their owner", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    const other = await visit.connect("garmin", { person: "liam" });
    visit.sim.control.setDelivery("dailies", "ping");
    await visit.sim.control.push("garmin", "ana", "dailies");
    const item = bodies(visit)[0]!["dailies"]![0]!;
    expect(Object.keys(item).toSorted()).toEqual(["callbackURL", "userId"]);
    const url = String(item["callbackURL"]);
    expect(url.startsWith("http://127.0.0.1:3000/sim/garmin/wellness-api/rest/dailies?uploadStartTimeInSeconds=")).toBe(true);
    const path = url.slice("http://127.0.0.1:3000/sim".length);
    expect((await visit.get(path)).statusCode).toBe(401);
    expect((await visit.get(path, other.access_token)).json()).toMatchObject({ errorMessage: expect.stringContaining("InvalidPullTokenException") as string });
    const records = (await visit.get(path, access_token)).json<Record<string, unknown>[]>();
    expect(records.at(-1)).toMatchObject({ calendarDate: "2026-11-20" });
    expect((await visit.get(path, access_token)).statusCode).toBe(400);
  });

  it("is not open without a pull token or beyond a day", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    const now = seconds(START_MS);
    const plain = await visit.get(`${REST}/sleeps?uploadStartTimeInSeconds=${now - 3600}&uploadEndTimeInSeconds=${now}`, access_token);
    expect(plain.statusCode).toBe(400);
    expect(plain.body).toContain("InvalidPullTokenException");
    expect((await visit.get(`${REST}/sleeps?uploadStartTimeInSeconds=${now - 86_401}&uploadEndTimeInSeconds=${now}&token=x`, access_token)).statusCode).toBe(400);
  });
});

describe("Garmin's back-fill", () => {
  it("answers 202 with an empty body and brings the data a little later", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    visit.sent.length = 0;
    const answer = await visit.get(backfillPath("sleeps", START_MS - 30 * DAY_MS, START_MS), access_token);
    expect(answer.statusCode).toBe(202);
    expect(answer.body).toBe("");
    visit.pass(3_000);
    await visit.sim.control.tick();
    const nights = bodies(visit).flatMap((body) => body["sleeps"] ?? []);
    expect(nights.length).toBeGreaterThanOrEqual(29);
    expect(nights.length).toBeLessThanOrEqual(31);
  });

  it("answers 409 for a range asked before, 400 for milliseconds and long or old windows", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    const status = async (path: string): Promise<number> => (await visit.get(path, access_token)).statusCode;
    const path = backfillPath("dailies", START_MS - 10 * DAY_MS, START_MS);
    expect(await status(path)).toBe(202);
    expect(await status(path)).toBe(409);
    expect(await status(backfillPath("dailies", START_MS - 40 * DAY_MS, START_MS - 10 * DAY_MS))).toBe(202);
    expect(await status(`${REST}/backfill/dailies?summaryStartTimeInSeconds=${START_MS - DAY_MS}&summaryEndTimeInSeconds=${START_MS}`)).toBe(400);
    expect(await status(backfillPath("sleeps", START_MS - 91 * DAY_MS, START_MS))).toBe(400);
    expect(await status(backfillPath("sleeps", START_MS - 90 * DAY_MS, START_MS))).toBe(202);
    expect(await status(backfillPath("activities", START_MS - 31 * DAY_MS, START_MS))).toBe(400);
    expect(await status(backfillPath("sleeps", START_MS - 1000 * DAY_MS, START_MS - 980 * DAY_MS))).toBe(400);
    expect(await status(backfillPath("mct", START_MS - DAY_MS, START_MS))).toBe(400);
    visit.sim.control.setDelivery("hrv", "off");
    expect((await visit.get(backfillPath("hrv", START_MS - DAY_MS, START_MS), access_token)).body).toContain("not enabled for summary type");
  });

  it("answers 412 without the type's permission and 403 without the historical one", async () => {
    const visit = await visitSim();
    const few = await visit.connect("garmin", { permissions: ["HEALTH_EXPORT"] });
    expect((await visit.get(backfillPath("activities", START_MS - DAY_MS, START_MS), few.access_token)).statusCode).toBe(412);
    expect((await visit.get(backfillPath("dailies", START_MS - DAY_MS, START_MS), few.access_token)).statusCode).toBe(403);
  });
});

describe("leaving Garmin", () => {
  it("by DELETE answers 204, ends the tokens and tells so", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    const answer = await visit.app.inject({ method: "DELETE", url: `/sim${REST}/user/registration`, headers: { authorization: `Bearer ${access_token}` } });
    expect(answer.statusCode).toBe(204);
    expect((await visit.get(`${REST}/user/id`, access_token)).statusCode).toBe(401);
    visit.pass(2_000);
    await visit.sim.control.tick();
    expect(bodies(visit).map((body) => Object.keys(body)[0])).toEqual(["deregistrations"]);
  });

  it("tells changed permissions, and both shapes of the list occur", async () => {
    const visit = await visitSim();
    const ana = await visit.connect("garmin");
    const liam = await visit.connect("garmin", { person: "liam" });
    await visit.sim.control.push("garmin", "ana", "userPermissionsChange", { permissions: ["ACTIVITY_EXPORT"] });
    expect(bodies(visit)[0]!["userPermissionsChange"]![0]).toMatchObject({ permissions: ["ACTIVITY_EXPORT"] });
    expect((await visit.get(`${REST}/user/permissions`, ana.access_token)).json()).toEqual({ permissions: ["ACTIVITY_EXPORT"] });
    expect(Array.isArray((await visit.get(`${REST}/user/permissions`, liam.access_token)).json())).toBe(true);
  });
});
