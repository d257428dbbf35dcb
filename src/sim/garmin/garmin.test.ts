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
    for (const sentinel of [-1, -2, -4, -5]) expect(levels).toContain(sentinel);
    expect(levels.some((level) => level > 25)).toBe(true);
    expect(values("pulseox", "timeOffsetSpo2Values")).toContain(0);
    const spellings = bodies(visit).flatMap((body) => body["sleeps"] ?? []).map((night) => "unmeasurableSleepInSeconds" in night);
    expect(new Set(spellings)).toEqual(new Set([true, false]));
  });

  it("carry the other traps too: breath and oxygen not found, dates and starts that contradict themselves", async () => {
    const visit = await visitSim();
    for (const person of ["ana", "liam", "grace"]) {
      await visit.connect("garmin", { person });
      for (const what of ["dailies", "sleeps", "bodyComps", "bloodPressures"]) await visit.sim.control.push("garmin", person, what, { days: 90 });
    }
    await visit.sim.control.push("garmin", "ana", "allDayRespiration", { days: 20 });
    const all = (key: string): Record<string, unknown>[] => bodies(visit).flatMap((body) => body[key] ?? []);
    const values = (key: string, field: string): number[] => all(key).flatMap((record) => Object.values((record[field] ?? {}) as Record<string, number>));
    expect(values("allDayRespiration", "timeOffsetEpochToBreaths")).toEqual(expect.arrayContaining([0, -1]));
    expect(values("sleeps", "timeOffsetSleepSpo2")).toContain(0);
    expect(values("sleeps", "timeOffsetSleepRespiration")).toContain(0);
    const dateOf = (seconds: unknown, offset: unknown): string => new Date((Number(seconds) + Number(offset)) * 1000).toISOString().slice(0, 10);
    const odd = all("dailies").filter((day) => day["calendarDate"] !== dateOf(day["startTimeInSeconds"], day["startTimeOffsetInSeconds"]));
    expect(odd.length).toBeGreaterThan(0);
    expect(odd.length).toBeLessThan(all("dailies").length / 10);
    const strays = [...all("bodyComps"), ...all("bloodPressures")].filter((one) => "startTimeInSeconds" in one);
    expect(strays.length).toBeGreaterThan(0);
    for (const stray of strays) expect(Number(stray["measurementTimeInSeconds"]) - Number(stray["startTimeInSeconds"])).toBeGreaterThan(300 * 86_400);
    const contradicting = all("sleeps").filter((night) => {
      const spans = Object.values(night["sleepLevelsMap"] as Record<string, { startTimeInSeconds: number; endTimeInSeconds: number }[]>)[1]!;
      return spans.reduce((sum, { startTimeInSeconds, endTimeInSeconds }) => sum + endTimeInSeconds - startTimeInSeconds, 0) !== night["lightSleepDurationInSeconds"];
    });
    expect(contradicting.length).toBeGreaterThan(0);
  });

  it("tell cycles to whom they were allowed, and activities again that were named anew", async () => {
    const visit = await visitSim();
    await visit.connect("garmin", { person: "liam", permissions: ["HEALTH_EXPORT", "ACTIVITY_EXPORT"] });
    await expect(visit.sim.control.push("garmin", "liam", "mct")).rejects.toThrow("MCT_EXPORT");
    await visit.connect("garmin", { permissions: ["HEALTH_EXPORT", "ACTIVITY_EXPORT", "MCT_EXPORT"] });
    await visit.sim.control.push("garmin", "ana", "mct", { days: 40 });
    const days = bodies(visit).flatMap((body) => body["mct"] ?? []);
    expect(days.length).toBeGreaterThan(38);
    expect(new Set(days.map((day) => day["periodStartDate"])).size).toBeLessThanOrEqual(3);
    expect(new Set(days.map((day) => day["currentPhaseType"]))).toEqual(new Set(["MENSTRUAL", "FOLLICULAR", "FERTILE", "LUTEAL"]));
    await visit.sim.control.push("garmin", "ana", "activities", { days: 60 });
    await visit.sim.control.push("garmin", "ana", "manuallyUpdatedActivities", { days: 60 });
    const [first, again] = ["activities", "manuallyUpdatedActivities"].map((key) => bodies(visit).flatMap((body) => body[key] ?? []));
    expect(again!.length).toBeGreaterThan(0);
    for (const one of again!) {
      const before = first!.find((other) => other["activityId"] === one["activityId"])!;
      expect(one).toEqual({ ...before, activityName: `${String(before["activityName"])}, with a view` });
    }
  });

  it("hold everybody in one body when told to, and people share an activity's id", async () => {
    const visit = await visitSim({ switches: { garmin: { bodies: "of everybody" } } });
    const ids = new Set<string>();
    for (const person of ["ana", "liam"]) {
      const { access_token } = await visit.connect("garmin", { person });
      ids.add((await visit.get(`${REST}/user/id`, access_token)).json<{ userId: string }>().userId);
    }
    await visit.connect("garmin", { person: "grace", permissions: ["HEALTH_EXPORT"] });
    await visit.sim.control.push("garmin", "ana", "activities", { days: 14 });
    expect(visit.sent).toHaveLength(1);
    const items = bodies(visit)[0]!["activities"]!;
    expect(new Set(items.map((item) => item["userId"]))).toEqual(ids);
    const own = [...ids].map((id) => items.filter((item) => item["userId"] === id).map((item) => item["activityId"]));
    expect(own[0]!.filter((id) => own[1]!.includes(id)).length).toBeGreaterThan(0);
    visit.sim.control.setDelivery("sleeps", "ping");
    await visit.sim.control.push("garmin", "ana", "sleeps");
    expect(bodies(visit)[1]!["sleeps"]).toHaveLength(3);
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

  it("offers an activity's file once, where files are wanted", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    expect(await visit.sim.control.push("garmin", "ana", "activityFiles")).toEqual([]);
    visit.sim.control.setDelivery("activityFiles", "ping");
    await visit.sim.control.push("garmin", "ana", "activityFiles");
    const item = bodies(visit)[0]!["activityFiles"]![0]!;
    expect(item).toMatchObject({ fileType: "TCX", summaryId: `${String(item["activityId"])}-file` });
    expect(item).not.toHaveProperty("content");
    const path = String(item["callbackURL"]).slice("http://127.0.0.1:3000/sim".length);
    const other = await visit.connect("garmin", { person: "liam" });
    expect((await visit.get(path, other.access_token)).statusCode).toBe(400);
    const first = await visit.get(path, access_token);
    expect([first.statusCode, first.body.slice(0, 5), (await visit.get(path, access_token)).statusCode]).toEqual([200, "<?xml", 410]);
    expect(first.body).toContain("<HeartRateBpm>");
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
    for (const type of ["manuallyUpdatedActivities", "activityFile", "heartbeats"]) expect(await status(backfillPath(type, START_MS - DAY_MS, START_MS))).toBe(400);
    visit.sim.control.setDelivery("hrv", "off");
    expect((await visit.get(backfillPath("hrv", START_MS - DAY_MS, START_MS), access_token)).body).toContain("not enabled for summary type");
  });

  it("takes windows, depths and days a minute as the sources have them, one way or the other", async () => {
    const visit = await visitSim({ switches: { garmin: { backfillWindow: "30 days", backfillHistory: "one month", backfillDaysPerMinute: "100" } } });
    const { access_token } = await visit.connect("garmin");
    const ask = (type: string, fromMs: number, toMs: number): Promise<{ statusCode: number; body: string }> => visit.get(backfillPath(type, fromMs, toMs), access_token);
    expect((await ask("sleeps", START_MS - 31 * DAY_MS, START_MS)).statusCode).toBe(400);
    expect((await ask("sleeps", START_MS - 30 * DAY_MS, START_MS)).statusCode).toBe(202);
    const early = await ask("dailies", START_MS - 40 * DAY_MS, START_MS - 20 * DAY_MS);
    expect([early.statusCode, early.body.includes(String(seconds(START_MS - 30 * DAY_MS)))]).toEqual([400, true]);
    for (const type of ["dailies", "epochs"]) expect((await ask(type, START_MS - 30 * DAY_MS, START_MS)).statusCode).toBe(202);
    expect((await ask("hrv", START_MS - 30 * DAY_MS, START_MS)).statusCode).toBe(429);
    visit.pass(MINUTE_MS);
    expect((await ask("hrv", START_MS - 30 * DAY_MS, START_MS)).statusCode).toBe(202);
  });

  it("brings activities named anew with the activities", async () => {
    const visit = await visitSim();
    const { access_token } = await visit.connect("garmin");
    expect((await visit.get(backfillPath("activities", START_MS - 30 * DAY_MS, START_MS), access_token)).statusCode).toBe(202);
    visit.pass(3_000);
    await visit.sim.control.tick();
    expect(bodies(visit).flatMap((body) => Object.keys(body))).toEqual(["activities", "manuallyUpdatedActivities"]);
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

  it("tells the permissions late when told to", async () => {
    const visit = await visitSim({ switches: { garmin: { permissionsAfterSeconds: "10" } } });
    const { access_token } = await visit.connect("garmin");
    expect((await visit.get(`${REST}/user/permissions`, access_token)).json()).toEqual({ permissions: [] });
    visit.pass(10_000);
    expect((await visit.get(`${REST}/user/permissions`, access_token)).json()).toMatchObject({ permissions: { length: 3 } });
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
