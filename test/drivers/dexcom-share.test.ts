/** Dexcom Share against its simulated doors. [R1] */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { CredentialsAuth } from "#driver/auth.ts";
import type { SampleRecord } from "#driver/records.ts";
import { dexcomShare } from "#drivers/dexcom-share/index.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const { payload: readings } = JSON.parse(readFileSync(new URL("../../src/drivers/dexcom-share/fixtures/readings.json", import.meta.url), "utf8")) as { payload: object[] };

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

  it.each([
    ["a receiver's code", { WT: "Date(1795172400000)", Value: 5 }, "/0/Value"],
    ["more than a sensor shows", { WT: "Date(1795172400000)", Value: 612 }, "/0/Value"],
    ["no number", { WT: "Date(1795172400000)", Value: "high" }, "/0/Value"],
    ["nothing", { WT: "Date(1795172400000)", Value: null }, "/0/Value"],
    ["no time", { WT: "yesterday", Value: 120 }, "/0/WT"],
    ["a time to come", { WT: "Date(4102444800000)", Value: 120 }, "/0/WT"],
    ["a time of year 1", { WT: "Date(-62135596800000)", Value: 120 }, "/0/WT"],
    ["a time in seconds", { WT: "Date(1795172400)", Value: 120 }, "/0/WT"],
    ["a text in place of a reading", "canary", "/0"],
  ])("are refused for %s, one by one and without a word of it [DA-08]", (_, bad, path) => {
    const { records, problems } = map([bad, readings[0]]);
    expect(records).toHaveLength(1);
    expect(problems).toMatchObject([{ path }]);
    expect(JSON.stringify(problems)).not.toMatch(/120|612|4102444800000|yesterday|canary|high"/);
  });

  it("are kept with numbers as text, odd extras, and the server's time where the wall's is missing", () => {
    const { records, problems } = map([
      { WT: "Date(1795172400000)", DT: "no time", Value: "118", Trend: { odd: 1 } },
      { WT: null, ST: "/Date(1795172100000)/", DT: "Date(1795172100000+9900)", Value: 90 },
      { DT: "Date(1795171800000+0545)", Value: 91.5 },
    ]);
    expect(problems).toEqual([]);
    expect(records).toMatchObject([{ value: 118, offsetMinutes: null }, { value: 90, startMs: 1_795_172_100_000, offsetMinutes: null }, { value: 91.5, offsetMinutes: 345 }]);
  });

  it("have no rate: a trend is a word without a figure", () => {
    expect(map(readings).records.map((record) => (record as SampleRecord).metric)).toEqual(["glucose", "glucose", "glucose"]);
  });

  it("may be none, or one alone", () => {
    expect(map([])).toEqual({ records: [], problems: [] });
    expect(map(readings[0])).toEqual(map([readings[0]]));
  });
});

describe("the dexcom-share driver and its doors", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });
  const auth = dexcomShare.auth as CredentialsAuth;
  const start = async (change: (cloud: SimCloud) => void = () => undefined, settings: Record<string, string> = {}): Promise<World> => {
    const world = new World({ ...contract, settings, startCloud: async (clock) => {
      const cloud = await startSimCloud("dexcom-share", "ana", clock);
      change(cloud);
      return cloud;
    } });
    open.push(world);
    await world.start();
    return world;
  };
  const error = (Code: string, Message = "x"): { status: number; body: string } => ({ status: 500, body: JSON.stringify({ Code, Message }) });

  it("has a host and an application for each region", async () => {
    expect(dexcomShare.endpoints({ region: "us" }).api).toBe("https://share2.dexcom.com/ShareWebServices/Services");
    expect(dexcomShare.endpoints({ region: "ous" }).api).toBe("https://shareous1.dexcom.com/ShareWebServices/Services");
    expect(dexcomShare.endpoints({ region: "jp" }).api).toBe("https://share.dexcom.jp/ShareWebServices/Services");
    expect(dexcomShare.endpoints({ region: "constructor" }).api).toBe("https://shareous1.dexcom.com/ShareWebServices/Services");
    for (const region of ["us", "jp"]) await expect((await start(undefined, { region })).connect()).resolves.toMatchObject({ refreshes: 0 });
  });

  it.each(["SessionIdNotFound", "SessionNotValid"])("signs in once more when the session has ended with a 500 and %s [VA-14]", async (code) => {
    const world = await start();
    const connection = await world.connect();
    world.proxy.answerNext("api", error(code));
    expect((await world.read(connection.call, "readings", contract.window)).records.length).toBeGreaterThan(200);
    expect(connection.refreshes).toBe(1);
    world.proxy.answerAlways("api", error(code));
    await expect(world.read(connection.call, "readings", contract.window)).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(connection.refreshes).toBe(2);
  });

  it("goes on when the cloud has forgotten the session", async () => {
    let cloud: SimCloud | null = null;
    const world = await start((started) => (cloud = started));
    const connection = await world.connect();
    cloud!.control.setFault("dexcom-share", { kind: "token_expired" });
    expect((await world.read(connection.call, "readings", contract.window)).records.length).toBeGreaterThan(200);
    expect(connection.refreshes).toBe(1);
  });

  it.each([
    ["AccountPasswordInvalid", "canary"], ["SSO_AuthenticateAccountNotFound", "canary"], ["SSO_InternalError", "Cannot Authenticate by AccountName"],
    ["InvalidArgument", "accountName is null"], ["InvalidArgument", "UUID must be valid"],
  ])("asks the person at %s (%s), after one call [OA-20]", async (code, message) => {
    const world = await start();
    world.proxy.answerAlways("token", error(code, message));
    await expect(world.signIn(auth, world.credentials())).rejects.toMatchObject({ code: "reauthorization_required", message: expect.not.stringContaining(message) as string });
    expect(world.proxy.seen).toHaveLength(1);
  });

  it.each([["SSO_InternalError", "database"], ["InvalidArgument", "applicationId"], ["Whatever", "x"]])("asks nobody at %s (%s), which is no word about the person [OA-21]", async (code, message) => {
    const world = await start();
    world.proxy.answerAlways("token", error(code, message));
    await expect(world.signIn(auth, world.credentials())).rejects.toMatchObject({ code: "provider_unavailable", vendorStatus: 500 });
    expect(world.proxy.seen).toHaveLength(1);
  });

  it("takes an id of zeros for a refusal", async () => {
    const world = await start();
    world.proxy.answerAlways("token", { status: 200, body: '"00000000-0000-0000-0000-000000000000"' });
    await expect(world.signIn(auth, world.credentials())).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(world.proxy.seen).toHaveLength(1);
  });

  it("leaves a locked account alone until later, and never repeats a wrong password [OA-21]", async () => {
    const world = await start((cloud) => cloud.control.configure({ wrongSignIns: 1 }));
    const wrong = { ...world.credentials(), password: "wrong" };
    await expect(world.signIn(auth, wrong)).rejects.toMatchObject({ code: "reauthorization_required" });
    expect(world.proxy.seen).toHaveLength(1);
    await expect(world.signIn(auth, wrong)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: NOW_MS + 30 * MINUTE_MS });
  });

  it("asks from the window's start to now, a day and 288 readings at most, and for nothing older", async () => {
    const world = await start();
    const { call } = await world.connect();
    const askedFor = async (fromMs: number, toMs = NOW_MS): Promise<string[]> => {
      world.proxy.reset();
      await world.pages(call, "readings", { fromMs, toMs });
      return world.proxy.seen.map(({ target }) => {
        const { searchParams } = new URL(target, "http://cloud");
        return `${searchParams.get("minutes")} ${searchParams.get("maxCount")}`;
      });
    };
    expect(await askedFor(NOW_MS - 65 * MINUTE_MS)).toEqual(["65 288"]);
    expect(await askedFor(NOW_MS - 30_000)).toEqual(["1 288"]);
    expect(await askedFor(NOW_MS + MINUTE_MS)).toEqual(["1 288"]);
    expect(await askedFor(NOW_MS - 3 * DAY_MS)).toEqual(["1440 288"]);
    expect(await askedFor(NOW_MS - 3 * DAY_MS, NOW_MS - DAY_MS)).toEqual([]);
  });

  it("tells the glucose a few minutes after the sensor, in every spelling alike", async () => {
    const told = async (positions: Record<string, string>): Promise<readonly object[]> => {
      const world = await start((cloud) => cloud.control.configure(positions));
      const { records, problems } = await world.read((await world.connect()).call, "readings", contract.window);
      expect(problems).toEqual([]);
      return records;
    };
    const plain = await told({});
    expect(NOW_MS - Math.max(...plain.map((record) => (record as SampleRecord).startMs))).toBeLessThan(10 * MINUTE_MS);
    expect(await told({ dates: "slashes", trends: "numbers" })).toEqual(plain);
  });

  it("drops the codes of an old receiver and keeps what lies between [DA-13]", async () => {
    const world = await start((cloud) => cloud.control.configure({ receiver: "old receiver with error codes" }));
    const { records, problems } = await world.read((await world.connect()).call, "readings", contract.window);
    expect(problems.length).toBeGreaterThan(0);
    expect(records.length).toBeGreaterThan(200);
    expect(problems.every(({ reason }) => reason === "a code of the receiver, no glucose")).toBe(true);
  });
});
