/** LibreLinkUp against its simulated cloud. [R1] */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { CredentialsAuth } from "#driver/auth.ts";
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
  payloads: ["graph", "logbook", "connections"].map((name) => ({ resource: name, payload: fixture(name), hasIndependentItems: false })),
  credentials: ({ userName, password }) => ({ email: userName, password }),
  signInPaths: ["/llu/auth/login"],
};

testDriver(contract);

const auth = libre.auth as CredentialsAuth;
const map = (resource: string, payload: unknown) => libre.map(resource, payload, { receivedMs: Date.UTC(2026, 10, 21), zone: "Europe/Madrid" });

describe("glucose of LibreLinkUp", () => {
  it("is read in mg/dL at the sensor's time, with the phone's offset, once where it stands twice [W3]", () => {
    const { records, problems } = map("graph", fixture("graph"));
    expect(problems).toEqual([]);
    expect(records).toMatchObject([
      { metric: "glucose", value: 131, startMs: Date.UTC(2026, 10, 20, 11, 47, 40), offsetMinutes: 60, device: { id: "MH00AB12CD" } },
      { metric: "glucose_trend_rate", value: 1, flags: ["estimated"] },
      { value: 40, startMs: Date.UTC(2026, 10, 20, 0, 2, 10), flags: ["below_range"] },
      { value: 97 },
      { value: 5.5 * 18.01559 },
    ]);
  });

  it.each(["13/1/2026 4:47:40 PM", "2/29/2026 4:47:40 PM", "1/5/2026 13:00:00 PM", "1/5/9999 4:47:40 PM", "5.1.2026 16:47"])("is refused at %s, which is no time [DA-08]", (FactoryTimestamp) => {
    const { records, problems } = map("logbook", { data: [{ FactoryTimestamp, ValueInMgPerDl: 100 }] });
    expect(records).toEqual([]);
    expect(problems).toEqual([{ path: "/data/0/FactoryTimestamp", reason: "no time, or one that cannot be" }]);
  });

  it("is not guessed where the unit is not told", () => {
    expect(map("logbook", { data: [{ FactoryTimestamp: "1/5/2026 4:47:40 PM", Value: 5.5 }] }).records).toEqual([]);
  });
});

describe("the libre driver and its cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });
  const start = async (positions: Record<string, string> = {}): Promise<World> => {
    const world = new World({ ...contract, startCloud: async (clock): Promise<SimCloud> => {
      const cloud = await startSimCloud("libre", "ana", clock);
      cloud.control.configure(positions);
      return cloud;
    } });
    open.push(world);
    await world.start();
    return world;
  };
  const signIn = async (world: World, change: Record<string, string> = {}) => world.signIn(auth, { ...world.credentials(), ...change });

  it("follows the account to its region and keeps it", async () => {
    const world = await start();
    const session = await signIn(world);
    expect(session.settings).toMatchObject({ region: "de", version_wanted: "4.16.0" });
    expect(session.settings?.["account_id"]).toMatch(/^[0-9a-f]{64}$/);
    expect(libre.endpoints({ region: "de" }).api).toBe("https://api-de.libreview.io");
    expect(libre.endpoints({ region: "evil.example/" }).api).toBe("https://api.libreview.io");
  });

  it("takes over the version that is wanted, once", async () => {
    const world = await start({ minimumVersion: "4.99.1" });
    expect((await signIn(world)).settings).toMatchObject({ version_wanted: "4.99.1" });
  });

  it.each(["tou", "pp", "verifyEmail"])("leaves %s to the person", async (step) => {
    await expect(signIn(await start({ step }))).rejects.toMatchObject({ code: "reauthorization_required", message: expect.stringContaining("LibreLinkUp app") as string });
  });

  it("asks whom it is about where the account follows several or nobody", async () => {
    await expect(signIn(await start({ follows: "nobody" }))).rejects.toMatchObject({ message: expect.stringContaining("Nobody shares") as string });
    const world = await start({ follows: "two" });
    await expect(signIn(world)).rejects.toMatchObject({ message: expect.stringContaining("several") as string });
    await expect(signIn(world, { followed: "no such name" })).rejects.toMatchObject({ code: "reauthorization_required" });
  });

  it("waits out a lock, and takes the gate's HTML for no refusal [OA-21]", async () => {
    const world = await start();
    for (let tries = 0; tries < 3; tries += 1) await signIn(world, { password: "wrong" }).catch(() => undefined);
    await expect(signIn(world)).rejects.toMatchObject({ code: "provider_rate_limited", retryAtMs: NOW_MS + 5 * MINUTE_MS });
    world.proxy.answerAlways("token", { status: 403, headers: { "content-type": "text/html" }, body: "<html>Attention Required</html>" });
    await expect(signIn(world)).rejects.toMatchObject({ code: "provider_unavailable" });
  });

  it("gives the last twelve hours, the newest reading a few minutes old", async () => {
    const world = await start();
    const { call } = await world.connect();
    const { records } = await world.read(call, "graph", contract.window);
    const times = records.flatMap((record) => (record.record === "sample" && record.metric === "glucose" ? [record.startMs] : []));
    expect(times.length).toBeGreaterThan(100);
    expect(NOW_MS - Math.max(...times)).toBeLessThan(15 * MINUTE_MS);
  });
});
