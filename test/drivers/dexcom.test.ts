import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { dexcom } from "#drivers/dexcom/index.ts";
import type { SampleRecord } from "#driver/records.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, parseTime, SECOND_MS } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import { World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

const NOW_MS = Date.UTC(2026, 5, 1, 12);

const contract: DriverContract = {
  driver: dexcom,
  startCloud: (clock) => startSimCloud("dexcom", "ana", clock),
  nowMs: NOW_MS,
  // Ends a day back: the newest events may still be edited.
  window: { fromMs: NOW_MS - 91 * DAY_MS, toMs: NOW_MS - DAY_MS },
  // The second by which windows overlap.
  windowSlackMs: SECOND_MS,
  askedWindowMs: (url) => {
    const [from, to] = ["startDate", "endDate"].map((name) => parseTime(url.searchParams.get(name) ?? ""));
    return from && to ? to.wallMs - from.wallMs : null;
  },
  vendorWindowLimitMs: 30 * DAY_MS,
  payloads: [
    fixture("egvs", "egvs-phone"),
    fixture("egvs", "egvs-receiver"),
    fixture("egvs", "egvs-messy"),
    fixture("egvs", "egvs-version-2"),
    fixture("events"),
    fixture("events", "events-messy"),
    fixture("calibrations"),
    fixture("alerts"),
    fixture("devices"),
    fixture("dataRange", "data-range"),
  ],
};

function fixture(resource: string, name = resource): ContractPayload {
  const file = new URL(`../../src/drivers/dexcom/fixtures/${name}.json`, import.meta.url);
  return { resource, payload: JSON.parse(readFileSync(file, "utf8")) as unknown };
}

testDriver(contract);

describe("the dexcom driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function visit(person: string, settings: Record<string, string> = {}): Promise<{ world: World; cloud: SimCloud }> {
    const world = new World({ ...contract, settings, startCloud: (clock) => startSimCloud("dexcom", person, clock) });
    open.push(world);
    await world.start();
    return { world, cloud: world.cloud as SimCloud };
  }

  it("reads thirty days of everybody, phone or receiver, without a problem", async () => {
    const { cloud } = await visit("ana");
    const people = cloud.control.people().map(({ id }) => id);
    expect(people.length).toBeGreaterThan(3);
    for (const person of people) {
      const { world } = await visit(person);
      const { call } = await world.connect();
      const { records, problems } = await world.read(call, "egvs", { fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS });
      expect(problems, person).toEqual([]);
      const glucose = records.filter((record) => record.record === "sample" && record.metric === "glucose") as SampleRecord[];
      // 288 a day, less gaps and warm-ups.
      expect(glucose.length, person).toBeGreaterThan(30 * 288 * 0.7);
      expect(new Set(glucose.map(({ offsetMinutes }) => offsetMinutes === null)), person).toEqual(new Set([false]));
      for (const resource of ["events", "calibrations", "alerts", "devices"]) {
        expect((await world.read(call, resource, { fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS })).problems, `${person} ${resource}`).toEqual([]);
      }
    }
  });

  it("gives the readings that the cloud serves, clamped and flagged out of range [DA-12]", async () => {
    const { world, cloud } = await visit("ana");
    const values = [[55, 55], [39, 39], [30, 39], [180, 180], [400, 400], [401, 401], [444, 401]] as const;
    const startMs = NOW_MS - HOUR_MS;
    cloud.control.serveSeries("dexcom", "ana", values.map(([mgDl], index) => ({ atMs: startMs + index * 5 * MINUTE_MS, mgDl })));
    const { call } = await world.connect();
    const { records } = await world.read(call, "egvs", { fromMs: startMs, toMs: NOW_MS });
    const glucose = records.filter((record) => record.record === "sample" && record.metric === "glucose") as SampleRecord[];
    expect(glucose.map(({ startMs: ms, value, flags }) => [ms, value, flags?.[0]])).toEqual(
      values.map(([served, value], index) => [
        startMs + index * 5 * MINUTE_MS, value, served < 40 ? "below_range" : served > 400 ? "above_range" : undefined,
      ]),
    );
  });

  it.each([{ oauth_version: "v2" }, { pkce: "off" }])("connects with the settings %j [P1]", async (settings) => {
    const { world } = await visit("ana", settings);
    expect(new URL(world.startFlow().url).searchParams.has("code_challenge")).toBe(!("pkce" in settings));
    expect((await world.connect()).call.account.vendorUserId).toMatch(/^[0-9a-f]{64}$/);
  });

  it("shows the same person to one client under one account, and another person under another [OA-07]", async () => {
    const ids = await Promise.all(["ana", "liam"].map(async (person) => (await (await visit(person)).world.connect()).call.account.vendorUserId));
    expect(new Set(ids).size).toBe(2);
  });
});
