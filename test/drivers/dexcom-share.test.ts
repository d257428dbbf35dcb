/** Dexcom Share against its simulated doors. [R1] */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { SampleRecord } from "#driver/records.ts";
import { dexcomShare } from "#drivers/dexcom-share/index.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const readings: unknown = JSON.parse(readFileSync(new URL("../../src/drivers/dexcom-share/fixtures/readings.json", import.meta.url), "utf8"));

const contract: DriverContract = {
  driver: dexcomShare,
  startCloud: (clock) => startSimCloud("dexcom-share", "ana", clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - DAY_MS + HOUR_MS, toMs: NOW_MS },
  // The door knows where to begin and never where to end.
  windowSlackMs: DAY_MS,
  payloads: [{ resource: "readings", payload: readings }],
  credentials: ({ userName, password }) => ({ username: userName, password }),
  signInPaths: ["/General/AuthenticatePublisherAccount", "/General/LoginPublisherAccountById"],
};

testDriver(contract);

const map = (payload: unknown) => dexcomShare.map("readings", payload, { receivedMs: Date.UTC(2026, 10, 21), zone: "Europe/Madrid" });

describe("readings of Dexcom Share", () => {
  it("have their instant, the phone's offset, and marks at the sensor's ends [W3]", () => {
    const { records, problems } = map(readings);
    expect(problems).toEqual([]);
    expect(records).toMatchObject([
      { value: 118, startMs: 1_795_172_400_000, offsetMinutes: 60 },
      { value: 401, startMs: 1_795_172_100_000, flags: ["above_range"] },
      { value: 39, offsetMinutes: -330, flags: ["below_range"] },
    ]);
  });

  it.each([["a receiver's code", { WT: "Date(1795172400000)", Value: 5 }], ["no time", { WT: "yesterday", Value: 120 }], ["a time to come", { WT: "Date(4102444800000)", Value: 120 }], ["no number", { WT: "Date(1795172400000)", Value: "high" }]])(
    "are refused for %s, one by one", (_, bad) => {
      const { records, problems } = map([bad, (readings as unknown[])[0]]);
      expect(records).toHaveLength(1);
      expect(problems).toHaveLength(1);
      expect(JSON.stringify(problems)).not.toMatch(/120|4102444800000|yesterday/);
    },
  );
});

describe("the dexcom-share driver and its doors", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });
  const start = async (change: (cloud: SimCloud) => void = () => undefined): Promise<World> => {
    const world = new World({ ...contract, startCloud: async (clock) => {
      const cloud = await startSimCloud("dexcom-share", "ana", clock);
      change(cloud);
      return cloud;
    } });
    open.push(world);
    await world.start();
    return world;
  };

  it("signs in once more when the session has ended with a 500 [VA-14]", async () => {
    const world = await start();
    const connection = await world.connect();
    world.proxy.answerNext("api", { status: 500, body: '{"Code":"SessionIdNotFound","Message":"x"}' });
    expect((await world.read(connection.call, "readings", contract.window)).records.length).toBeGreaterThan(200);
    expect(connection.refreshes).toBe(1);
  });

  it("leaves a locked account alone until later, and never repeats a wrong password [OA-21]", async () => {
    const world = await start((cloud) => cloud.control.configure({ wrongSignIns: 1 }));
    const { auth } = dexcomShare;
    if (auth.kind !== "credentials") throw new Error("It takes credentials.");
    const wrong = { ...world.credentials(), password: "wrong" };
    await expect(world.signIn(auth, wrong)).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(world.proxy.seen).toHaveLength(1);
    await expect(world.signIn(auth, wrong)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: NOW_MS + 30 * MINUTE_MS });
  });

  it("tells the same glucose as Dexcom's own cloud, sooner", async () => {
    const world = await start((cloud) => cloud.control.configure({ dates: "slashes", trends: "numbers" }));
    const { call } = await world.connect();
    const { records } = await world.read(call, "readings", contract.window);
    const newest = Math.max(...records.map((record) => (record as SampleRecord).startMs));
    expect(NOW_MS - newest).toBeLessThan(10 * MINUTE_MS);
  });
});
