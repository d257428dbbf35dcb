import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { dexcom } from "#drivers/dexcom/index.ts";
import type { SampleRecord } from "#driver/records.ts";
import type { DriverCall } from "#driver/types.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, parseTime, SECOND_MS, type Window } from "#units/time.ts";
import type { ContractPayload } from "./contract-payloads.ts";
import { parseJson, World, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";
import { advance, planWindows } from "#sync/windows.ts";
import type { Cursor } from "#sync/connections.ts";

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
    fixture("egvs_late", "egvs-receiver"),
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

/** When the samples of a pull were measured, mapped as they arrive: later than the contract's clock. */
async function instantsOf(world: World, call: DriverCall, resource: string, window: Window): Promise<number[]> {
  const pages = await world.pages(call, resource, window);
  const context = { receivedMs: world.clock.now(), zone: "Europe/Madrid" };
  return pages.flatMap((page) => dexcom.map(page.resource, parseJson(page.body), context).records.flatMap((record) => (record.record === "sample" ? [record.startMs] : [])));
}

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

  it("keeps the good readings beside dates that cannot be [DA-08] [DA-10] [VA-13]", async () => {
    const { world, cloud } = await visit("ana");
    const { call } = await world.connect();
    const window = { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS };
    const { records } = await world.read(call, "egvs", window);
    cloud.control.turn("dexcom", "oddDates", "on");
    const odd = await world.read(call, "egvs", window);
    expect(odd.records).toEqual(records);
    expect(odd.problems.map(({ reason }) => reason)).toEqual(["too far in the past or the future to be a measurement", "not a possible time"]);
  });

  it("misses nothing of what a receiver uploads days late [E4]", async () => {
    const { world, cloud } = await visit("aroha");
    const { call } = await world.connect();
    cloud.control.turn("dexcom", "receiverUploads", "each session");
    const seen = new Set<number>();
    const cursors = new Map<string, Cursor>();
    for (let day = 0; day <= 22; day += 1) {
      const nowMs = world.clock.now();
      for (const { name: resource, pull } of dexcom.resources.filter(({ metrics }) => metrics.includes("glucose"))) {
        for (const planned of planWindows(pull!, cursors.get(resource), { nowMs, connectedMs: NOW_MS })) {
          for (const ms of await instantsOf(world, call, resource, planned)) seen.add(ms);
          cursors.set(resource, advance(cursors.get(resource), planned, { nowMs, isRefused: false, digests: [] }));
        }
      }
      world.clock.advance(DAY_MS);
    }
    cloud.control.turn("dexcom", "receiverUploads", "at once");
    const served = new Set(await instantsOf(world, call, "egvs", { fromMs: NOW_MS - 10 * DAY_MS, toMs: NOW_MS + 10 * DAY_MS }));
    expect(served.size).toBeGreaterThan(20 * 288 * 0.7);
    expect([...served].filter((ms) => !seen.has(ms))).toEqual([]);
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
