/** LibreLinkUp against its simulated cloud. [R1] */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { CredentialsAuth, Session } from "#driver/auth.ts";
import type { SampleRecord } from "#driver/records.ts";
import { libre } from "#drivers/libre/index.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const fixture = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../src/drivers/libre/fixtures/${name}.json`, import.meta.url), "utf8"));

const contract: DriverContract = {
  driver: libre,
  startCloud: (clock) => startSimCloud("libre", "ana", clock),
  nowMs: NOW_MS,
  window: { fromMs: NOW_MS - 12 * HOUR_MS, toMs: NOW_MS },
  // The doors know no windows.
  windowSlackMs: 15 * DAY_MS,
  payloads: ["graph", "connections", "logbook"].map((name) => ({ resource: name, payload: fixture(name), hasIndependentItems: false })),
  credentials: ({ userName, password }) => ({ email: userName, password }),
  signInPaths: ["/llu/auth/login"],
};

testDriver(contract);

const auth = libre.auth as CredentialsAuth;
const map = (resource: string, payload: unknown) => libre.map(resource, payload, { receivedMs: Date.UTC(2026, 10, 21), zone: "Europe/Madrid" });
const graphOf = (connection: object, graphData: readonly object[] = []): unknown => ({ status: 0, data: { connection, graphData } });
const point = (change: object = {}): object => ({ FactoryTimestamp: "1/5/2026 4:47:40 PM", Timestamp: "1/5/2026 5:47:40 PM", type: 0, ValueInMgPerDl: 115, GlucoseUnits: 1, Value: 115, ...change });

describe("glucose of LibreLinkUp", () => {
  it("is read in mg/dL at the sensor's time, with the phone's offset, once where it stands twice [W3]", () => {
    const { records, problems } = map("graph", fixture("graph"));
    expect(problems).toEqual([]);
    expect(records).toMatchObject([
      { metric: "glucose", value: 131, startMs: Date.UTC(2026, 10, 20, 11, 47, 40), offsetMinutes: 60, device: { id: "MH00AB12CD" } },
      { metric: "glucose_trend_rate", value: 1, flags: ["estimated"] },
      { value: 40, startMs: Date.UTC(2026, 10, 20, 0, 2, 10), flags: ["below_range"] },
      { value: 97, device: { id: "MH00AB12CD" } },
      { value: 5.5 * 18.01559 },
    ]);
  });

  it("of before the sensor that is worn now is not told as that sensor's", () => {
    const before = map("graph", fixture("graph")).records.find((record) => record.record === "sample" && record.startMs === Date.UTC(2026, 10, 20, 0, 2, 10));
    expect(before).toBeDefined();
    expect(before).not.toHaveProperty("device");
  });

  it("stands at the sensor's end where it is LO or HI", () => {
    const { records, problems } = map("logbook", fixture("logbook"));
    expect(records).toMatchObject([{ value: 64 }, { value: 40, flags: ["below_range"] }, { value: 500, flags: ["above_range"] }]);
    expect(problems).toEqual([{ path: "/data/3/ValueInMgPerDl", reason: "missing or no number" }]);
  });

  it.each(["13/1/2026 4:47:40 PM", "2/29/2026 4:47:40 PM", "1/5/2026 13:00:00 PM", "1/5/2026 0:00:00 AM", "1/5/9999 4:47:40 PM", "1/5/1 4:47:40 PM", "5.1.2026 16:47", "12/5/2026 4:47:40 PM", 1_767_600_000, null])(
    "is refused at %s, which is no time or one that cannot be [DA-08]", (FactoryTimestamp) => {
      const { records, problems } = map("logbook", { data: [point({ FactoryTimestamp })] });
      expect(records).toEqual([]);
      expect(problems).toEqual([{ path: "/data/0/FactoryTimestamp", reason: "no time, or one that cannot be" }]);
    },
  );

  it.each([["1/5/2026 12:00:00 AM", 0], ["1/5/2026 12:00:00 PM", 12], ["1/5/2026 11:00:00 pm", 23], ["1/5/2026 4:00:00\u202fPM", 16]])("is read at noon, midnight and with odd spaces: %s", (FactoryTimestamp, hour) => {
    expect(map("logbook", { data: [point({ FactoryTimestamp })] }).records).toMatchObject([{ startMs: Date.UTC(2026, 0, 5, hour) }]);
  });

  it.each([["1/5/2026 10:17:40 PM", 330], ["1/5/2026 11:20:40 AM", -330], ["1/6/2026 9:47:40 PM", null], ["no time", null], [undefined, null]])("has the offset that the phone's clock %s shows", (Timestamp, offsetMinutes) => {
    expect(map("logbook", { data: [point({ Timestamp })] }).records).toMatchObject([{ offsetMinutes }]);
  });

  it("is read from parts of an answer that were kept apart, and from the older name of `data`", () => {
    const glucose = [{ metric: "glucose", value: 115, startMs: Date.UTC(2026, 0, 5, 16, 47, 40), offsetMinutes: 60 }];
    const parts = [["graph", [point()]], ["graph", { graphData: [point()] }], ["graph", { result: [point()] }], ["logbook", [point()]], ["logbook", point()], ["logbook", { data: point() }], ["connections", { patientId: "ana", glucoseMeasurement: point() }]] as const;
    for (const [resource, payload] of parts) expect(map(resource, payload), `${resource} ${JSON.stringify(payload)}`).toMatchObject({ records: glucose, problems: [] });
    expect(map("graph", [point(), point({ FactoryTimestamp: "soon" })]).problems).toMatchObject([{ path: "/1/FactoryTimestamp" }]);
  });

  it("is none in a row of the logbook that tells of an alarm", () => {
    const alarm = { FactoryTimestamp: "1/5/2026 4:50:40 PM", Timestamp: "1/5/2026 5:50:40 PM", type: 2, alarmType: 1 };
    expect(map("logbook", { data: [alarm, point()] })).toMatchObject({ records: [{ value: 115 }], problems: [] });
  });

  it("is not guessed where the unit is not told", () => {
    expect(map("logbook", { data: [{ FactoryTimestamp: "1/5/2026 4:47:40 PM", Value: 5.5 }] }).records).toEqual([]);
  });

  it.each([0, 9, 1_001, 1e300, "many"])("is refused as %s, without a word of it", (ValueInMgPerDl) => {
    const { records, problems } = map("logbook", { data: [point({ ValueInMgPerDl, Value: null }), point()] });
    expect(records).toHaveLength(1);
    expect(problems).toEqual([{ path: "/data/0/ValueInMgPerDl", reason: expect.stringMatching(/no number|cannot|can be/) as string }]);
  });

  it("is missing without a word while the sensor warms up, and has no rate where the arrow says nothing", () => {
    expect(map("graph", graphOf({ glucoseMeasurement: null, sensor: null }))).toEqual({ records: [], problems: [] });
    expect(map("graph", graphOf({}))).toEqual({ records: [], problems: [] });
    for (const TrendArrow of [0, 6, null, "up"]) expect(map("graph", graphOf({ glucoseMeasurement: point({ TrendArrow }) })).records).toMatchObject([{ metric: "glucose" }]);
  });
});

describe("the libre driver and its cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });
  /** A world, and the hand on its cloud. */
  const begin = async (positions: Record<string, string> = {}, settings: Record<string, string> = {}, person = "ana"): Promise<{ world: World; cloud: SimCloud }> => {
    let cloud: SimCloud | null = null;
    const world = new World({ ...contract, settings, startCloud: async (clock): Promise<SimCloud> => {
      cloud = await startSimCloud("libre", person, clock);
      cloud.control.configure(positions);
      return cloud;
    } });
    open.push(world);
    await world.start();
    return { world, cloud: cloud! };
  };
  const start = async (positions: Record<string, string> = {}, settings: Record<string, string> = {}): Promise<World> => (await begin(positions, settings)).world;
  const signIn = async (world: World, change: Record<string, string> = {}): Promise<Session> => world.signIn(auth, { ...world.credentials(), ...change });
  const glucoseTimes = (records: readonly object[]): number[] => (records as SampleRecord[]).filter(({ metric }) => metric === "glucose").map(({ startMs }) => startMs);

  it("is off until the operator turns it on, with the reason in words of both languages", () => {
    expect(libre.capabilities.unofficial?.en).toContain("Abbott");
    expect(libre.capabilities.unofficial?.es).toContain("Abbott");
  });

  it("follows the account to its region and keeps it, with the digest that every call must carry", async () => {
    const world = await start();
    const session = await signIn(world);
    expect(session.settings).toMatchObject({ region: "de", version_wanted: "", patient_id: session.account.vendorUserId });
    expect(session.settings?.["account_id"]).toMatch(/^[0-9a-f]{64}$/);
    expect(session.expiresAtMs).toBe(NOW_MS + 180 * DAY_MS);
    expect(libre.endpoints({ region: "de" }).api).toBe("https://api-de.libreview.io");
    expect(libre.endpoints({ region: "ru" }).api).toBe("https://api.libreview.ru");
    expect(libre.endpoints({ region: "evil.example/" }).api).toBe("https://api.libreview.io");
  });

  it("does not run from region to region for ever, nor to a host of the answer's choice [VA-06] [OA-26]", async () => {
    const world = await start({ redirect: "loop" });
    await expect(signIn(world)).rejects.toMatchObject({ code: "provider_unavailable" });
    expect(world.proxy.seen.length).toBeLessThan(6);
    world.proxy.reset();
    world.proxy.answerAlways("token", { status: 200, body: '{"status":0,"data":{"redirect":true,"region":"evil.example/x"}}' });
    await expect(signIn(world)).rejects.toMatchObject({ code: "provider_unavailable" });
    expect(world.proxy.seen).toHaveLength(1);
  });

  it("takes over the version that is wanted, once", async () => {
    const world = await start({ minimumVersion: "4.99.1" });
    expect((await signIn(world)).settings).toMatchObject({ version_wanted: "4.99.1" });
  });

  it("lets the operator's version go first where it is the newer one", async () => {
    expect((await signIn(await start({ minimumVersion: "4.99.1" }, { version: "5.0.0", version_wanted: "4.17.0" }))).settings).toMatchObject({ version_wanted: "" });
  });

  it("tells the operator which setting to raise where no version is named, or the named one does not help", async () => {
    const words = { code: "provider_misconfigured", message: expect.stringContaining("LIBRE_VERSION") as string };
    const world = await start({ minimumVersion: "4.99.1", namesVersion: "no" });
    await expect(signIn(world)).rejects.toMatchObject(words);
    for (const minimumVersion of ["4.16.0", "99.0.0", "not a version\r\nx: y"]) {
      world.proxy.reset();
      world.proxy.answerAlways("token", { status: 403, body: JSON.stringify({ status: 920, data: { minimumVersion } }) });
      await expect(signIn(world)).rejects.toMatchObject(words);
      expect(world.proxy.seen.length).toBeLessThan(3);
    }
  });

  it("goes on with a newer version where the one in use becomes too old between two polls", async () => {
    const { world, cloud } = await begin();
    const connection = await world.connect();
    cloud.control.configure({ minimumVersion: "4.99.1" });
    expect(glucoseTimes((await world.read(connection.call, "graph", contract.window)).records).length).toBeGreaterThan(100);
    expect(connection.refreshes).toBe(1);
    world.proxy.reset();
    await world.read(connection.call, "graph", contract.window);
    expect(world.proxy.seen).toHaveLength(1);
    expect(connection.refreshes).toBe(1);
    cloud.control.configure({ minimumVersion: "4.16.0", namesVersion: "no" });
    world.proxy.answerAlways("api", { status: 403, body: '{"status":920,"data":{}}' });
    await expect(libre.identify(connection.call, {})).rejects.toMatchObject({ code: "provider_misconfigured" });
  });

  it.each([["tou", "terms of use"], ["pp", "privacy policy"], ["verifyEmail", "e-mail"]])("leaves %s to the person, and says so", async (step, words) => {
    const world = await start({ step });
    await expect(signIn(world)).rejects.toMatchObject({ code: "reauthorization_required", message: expect.stringContaining(words) as string });
    expect(world.proxy.seen.every(({ target }) => !target.includes("continue"))).toBe(true);
  });

  it("asks whom it is about where the account follows several or nobody", async () => {
    await expect(signIn(await start({ follows: "nobody" }))).rejects.toMatchObject({ message: expect.stringContaining("Nobody shares") as string });
    const world = await start({ follows: "two" });
    await expect(signIn(world)).rejects.toMatchObject({ code: "reauthorization_required", message: expect.stringContaining("2 people") as string });
    await expect(signIn(world, { followed: "no such name" })).rejects.toMatchObject({ code: "reauthorization_required" });
    const ids = await Promise.all(["ana", " Liam  EXAMPLE ", "Ficticia"].map(async (followed) => (await signIn(world, { followed })).account.vendorUserId));
    expect(ids[0]).toBe(ids[2]);
    expect(ids[1]).not.toBe(ids[0]);
  });

  it("stays with its person when the account begins to follow another, and never slips to that one", async () => {
    const { world, cloud } = await begin();
    const connection = await world.connect();
    const patient = connection.call.account.vendorUserId;
    cloud.control.configure({ follows: "two" });
    expect((await signIn(world)).account.vendorUserId).toBe(patient);
    cloud.control.configure({ follows: "another" });
    for (const read of [() => libre.identify(connection.call, {}), () => world.read(connection.call, "graph", contract.window)]) {
      await expect(read()).rejects.toMatchObject({ code: "reauthorization_required", message: expect.stringContaining("no longer shares") as string });
    }
  });

  it("waits out a lock, and takes the gate's HTML neither for a refusal nor for an invitation to try again soon [OA-21]", async () => {
    const { world, cloud } = await begin();
    const connection = await world.connect();
    for (let tries = 0; tries < 3; tries += 1) await signIn(world, { password: "wrong" }).catch(() => undefined);
    await expect(signIn(world)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: NOW_MS + 5 * MINUTE_MS });
    cloud.control.configure({ gate: "shut" });
    world.proxy.reset();
    const shut = { code: "provider_rate_limited", retryAtMs: NOW_MS + 15 * MINUTE_MS };
    await expect(signIn(world)).rejects.toMatchObject(shut);
    await expect(world.read(connection.call, "graph", contract.window)).rejects.toMatchObject(shut);
    world.proxy.answerAlways("api", { status: 429, headers: { "content-type": "text/html" }, body: "<html>error code: 1015</html>" });
    await expect(libre.identify(connection.call, {})).rejects.toMatchObject(shut);
    expect(world.proxy.seen).toHaveLength(3);
    expect(connection.refreshes).toBe(0);
  });

  it.each([["a 403 in JSON", { status: 403, body: '{"message":"Forbidden"}' }], ["status 2", { status: 200, body: '{"status":2,"error":{"message":"notAuthenticated"}}' }]])("signs in once more after %s [VA-14]", async (_, answer) => {
    const world = await start();
    const connection = await world.connect();
    world.proxy.answerNext("api", answer);
    expect(glucoseTimes((await world.read(connection.call, "graph", contract.window)).records).length).toBeGreaterThan(100);
    expect(connection.refreshes).toBe(1);
  });

  it("keeps the ticket that comes with each answer out of what is stored [E7]", async () => {
    const world = await start();
    const connection = await world.connect();
    for (const resource of ["graph", "logbook"]) {
      const [page] = await world.pages(connection.call, resource, contract.window);
      const text = new TextDecoder().decode(page!.body);
      expect(text).toContain("FactoryTimestamp");
      expect(text).not.toContain("ticket");
      expect(text).not.toContain(connection.tokens.accessToken.open());
    }
  });

  it("gives the last twelve hours, the newest reading a few minutes old, and asks for no older window", async () => {
    const world = await start();
    const { call } = await world.connect();
    const times = glucoseTimes((await world.read(call, "graph", contract.window)).records);
    expect(times.length).toBeGreaterThan(100);
    expect(NOW_MS - Math.max(...times)).toBeLessThan(15 * MINUTE_MS);
    world.proxy.reset();
    expect(await world.pages(call, "graph", { fromMs: NOW_MS - 2 * DAY_MS, toMs: NOW_MS - DAY_MS })).toEqual([]);
    expect(world.proxy.seen).toEqual([]);
  });

  it("tells in mg/dL what an account in mmol/L was told, with marks at the sensor's ends [W3]", async () => {
    const { world, cloud } = await begin({}, {}, "liam");
    cloud.control.serveSeries("libre", "liam", [31, 117, 520, 122].map((mgDl, index) => ({ atMs: NOW_MS - (40 - 5 * index) * MINUTE_MS, mgDl })));
    const { call } = await world.connect();
    const { records, problems } = await world.read(call, "graph", contract.window);
    expect(problems).toEqual([]);
    expect(records).toMatchObject([
      { value: 40, startMs: NOW_MS - 40 * MINUTE_MS, offsetMinutes: 0, flags: ["below_range"] }, { value: 117 }, { value: 500, flags: ["above_range"] }, { value: 122 },
    ]);
  });
});
