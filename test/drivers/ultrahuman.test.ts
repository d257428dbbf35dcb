import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "#clock.ts";
import { oauthOf } from "#driver/auth.ts";
import type { SampleRecord, SleepRecord, VendorRecord } from "#driver/records.ts";
import type { DriverCall } from "#driver/types.ts";
import { ultrahuman } from "#drivers/ultrahuman/index.ts";
import { createTestClient } from "#http/test-kit.ts";
import { revokeGrant } from "#oauth/revoke.ts";
import { Secret } from "#secret.ts";
import { createPeople } from "#sim/people/person.ts";
import { addDays, DAY_MS, localDate, MINUTE_MS } from "#units/time.ts";
import { World, type Connection, type DriverContract } from "./contract-world.ts";
import { testDriver } from "./contract.ts";
import { startSimCloud, type SimCloud } from "./sim-cloud.ts";

// After the days of the fixtures.
const NOW_MS = Date.UTC(2026, 5, 1, 12);
const PEOPLE = ["ana", "liam", "grace", "tomas", "aroha", "priya"];
/** Not among the facts, so that no cloud written from them has it: known from recordings alone, and shown by the fixtures. */
const RECORDED_ONLY = ["sleep_score", "skin_temperature_deviation"];

function fixture(name: string): Record<string, unknown> {
  const file = new URL(`../../src/drivers/ultrahuman/fixtures/${name}.json`, import.meta.url);
  const { _source, ...body } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  return body;
}

const { metric_data: items } = fixture("metrics")["data"] as { metric_data: unknown[] };
const { metrics: byDate } = fixture("metrics-by-date")["data"] as { metrics: Record<string, unknown[]> };

const contract: DriverContract = {
  driver: ultrahuman,
  startCloud: (clock) => startSimCloud("ultrahuman", "ana", clock),
  nowMs: NOW_MS,
  // A ring that is synced late changes days past.
  window: { fromMs: NOW_MS - 26 * DAY_MS, toMs: NOW_MS - 5 * DAY_MS },
  // Ultrahuman is asked by dates, one more on either side where the zone is not known; a night begins on the evening before.
  windowSlackMs: 3 * DAY_MS,
  payloads: [
    { resource: "metrics", payload: fixture("metrics") },
    { resource: "metrics", payload: fixture("metrics-by-date") },
    { resource: "metrics", payload: fixture("metrics-list")["payload"] },
    // Bare lists, so that each item is tried by itself; the first start of a day in them tells the offset of all.
    { resource: "metrics", payload: items, hasIndependentItems: false },
    { resource: "metrics", payload: Object.values(byDate)[0] ?? [], hasIndependentItems: false },
  ],
};

testDriver(contract);

describe("the ultrahuman driver and the people of the simulated cloud", () => {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  interface Visit {
    readonly world: World;
    readonly cloud: SimCloud;
    readonly connection: Connection;
    /** With the person's zone, as sync knows it. */
    readonly call: DriverCall;
  }

  async function visit(person: string, switches: Readonly<Record<string, string>> = {}, settings: Readonly<Record<string, string>> = {}): Promise<Visit> {
    const startCloud = async (clock: Clock): Promise<SimCloud> => {
      const cloud = await startSimCloud("ultrahuman", person, clock);
      for (const [name, position] of Object.entries(switches)) cloud.control.turn("ultrahuman", name, position);
      return cloud;
    };
    const world = new World({ ...contract, startCloud, settings });
    open.push(world);
    await world.start();
    const connection = await world.connect();
    const cloud = world.cloud as SimCloud;
    const { zone } = cloud.control.people().find(({ id }) => id === person)!;
    return { world, cloud, connection, call: { ...connection.call, account: { ...connection.call.account, zone } } };
  }

  const week = { fromMs: NOW_MS - 12 * DAY_MS, toMs: NOW_MS - 5 * DAY_MS };
  const samplesOf = (records: readonly VendorRecord[], metric: string): SampleRecord[] =>
    records.filter((record): record is SampleRecord => record.record === "sample" && record.metric === metric);
  const sleepsOf = (records: readonly VendorRecord[]): SleepRecord[] => records.filter((record) => record.record === "sleep");
  const totalsOf = (records: readonly VendorRecord[], metric: string): SampleRecord[] => samplesOf(records, metric).filter(({ flags }) => flags?.includes("day_total"));
  const dateOf = ({ startMs, offsetMinutes }: SampleRecord): string => new Date(startMs + (offsetMinutes ?? 0) * MINUTE_MS).toISOString().slice(0, 10);

  it("reads everybody's days without a problem, and each declared metric from somebody [W2] [W3]", async () => {
    const { metrics, records: kinds } = ultrahuman.resources[0]!;
    const seen = new Set<string>();
    for (const person of PEOPLE) {
      const { world, call } = await visit(person);
      const { records, problems } = await world.read(call, "metrics", { fromMs: NOW_MS - 12 * DAY_MS, toMs: NOW_MS });
      expect(problems, person).toEqual([]);
      for (const record of records) seen.add(record.record === "sample" ? record.metric : record.record);
    }
    expect(seen).toEqual(new Set([...metrics.filter((metric) => !RECORDED_ONLY.includes(metric)), ...kinds.filter((kind) => kind !== "sample")]));
  }, 60_000);

  it("gives the same records by days and by windows, whatever the envelope and the spelling of a night", async () => {
    const plain = await visit("liam");
    // From a local midnight to another, so that windows cut no day.
    const { zone } = plain.call.account;
    const fromMs = Date.parse(`${localDate(zone ?? "UTC", week.fromMs)}T00:00:00+01:00`);
    const window = { fromMs, toMs: fromMs + 7 * DAY_MS - 1_000 };
    const expected = new Set((await plain.world.read(plain.call, "metrics", window)).records.map((record) => JSON.stringify(record)));
    expect(expected.size).toBeGreaterThan(5_000);
    const ways: readonly (readonly [Record<string, string>, Record<string, string>])[] = [
      [{}, { window: "epoch" }], [{ epochAnswer: "metric_data" }, { window: "epoch" }], [{ dateAnswer: "metrics" }, {}], [{ dateAnswer: "list", sleepType: "sleep" }, {}],
    ];
    for (const [switches, settings] of ways) {
      const { world, call } = await visit("liam", switches, settings);
      const { records, problems } = await world.read(call, "metrics", window);
      expect(problems).toEqual([]);
      expect(new Set(records.map((record) => JSON.stringify(record))), JSON.stringify([switches, settings])).toEqual(expected);
    }
  }, 60_000);

  it("tells the days and nights that were lived, each in its place [VA-10]", async () => {
    for (const [name, offsetMinutes] of [["aroha", 720], ["priya", 330], ["grace", -240]] as const) {
      const person = createPeople(20_260_601).find(({ who }) => who.id === name)!;
      const { world, call } = await visit(name);
      const { records } = await world.read(call, "metrics", week);
      const days = totalsOf(records, "steps");
      expect(days.length, name).toBeGreaterThanOrEqual(7);
      for (const day of days) {
        expect([(day.startMs + offsetMinutes * MINUTE_MS) % DAY_MS, day.endMs! - day.startMs, day.offsetMinutes]).toEqual([0, DAY_MS, offsetMinutes]);
        expect(day.value).toBe(person.day(dateOf(day)).steps.reduce((sum, count) => sum + count, 0));
      }
      for (const rest of samplesOf(records, "resting_heart_rate")) expect(rest.value).toBe(person.body(dateOf(rest)).restingHr);
      for (const recovery of samplesOf(records, "recovery")) expect(recovery.value).toBe(person.recovery(dateOf(recovery)).score);
      const sleeps = sleepsOf(records);
      expect(sleeps.length, name).toBeGreaterThan(5);
      for (const { startMs, endMs, totals, stages, efficiencyPercent } of sleeps) {
        const night = person.night(new Date(endMs + offsetMinutes * MINUTE_MS).toISOString().slice(0, 10));
        expect([startMs, endMs]).toEqual([night.bedMs, night.endMs].map((ms) => Math.floor(ms / 1000) * 1000));
        expect(stages).toEqual([]);
        expect(efficiencyPercent).toBeGreaterThan(60);
        expect(totals.inBedS).toBe((endMs - startMs) / 1000);
        if (totals.deepS !== undefined) expect([totals.deepS, totals.lightS, totals.remS]).toEqual([night.seconds.deep, night.seconds.light, night.seconds.rem]);
      }
      // Zeros are gaps: nobody's heart stood still, and no skin was frozen.
      expect(Math.min(...samplesOf(records, "heart_rate").map(({ value }) => value))).toBeGreaterThan(35);
      expect(Math.min(...samplesOf(records, "skin_temperature").map(({ value }) => value))).toBeGreaterThan(30);
    }
  }, 60_000);

  it("leaves nights without stages without totals of stages: absent is not 0", async () => {
    const bare: SleepRecord[] = [];
    for (const person of PEOPLE) {
      const { world, call } = await visit(person);
      const { records } = await world.read(call, "metrics", { fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS - 5 * DAY_MS });
      bare.push(...sleepsOf(records).filter(({ totals }) => totals.deepS === undefined));
    }
    expect(bare.length).toBeGreaterThan(0);
    for (const { totals } of bare) expect(Object.keys(totals)).toEqual(["inBedS"]);
  }, 60_000);

  it("finds what a ring brought in late when it asks for the past again [VA-09]", async () => {
    const { world, call } = await visit("ana");
    const countOf = async (date: string, nowMs: number): Promise<number> => {
      const fromMs = Date.parse(`${date}T00:00:00+02:00`);
      let count = 0;
      for await (const { resource, body } of ultrahuman.pull({ ...call, nowMs }, { resource: "metrics", window: { fromMs, toMs: fromMs + DAY_MS } })) {
        const payload = JSON.parse(new TextDecoder().decode(body)) as unknown;
        count += samplesOf(ultrahuman.map(resource, payload, { receivedMs: nowMs, zone: "Europe/Madrid" }).records, "heart_rate").length;
      }
      return count;
    };
    let late = 0;
    for (let day = 0; day < 40 && late === 0; day++) {
      const yesterday = addDays(localDate("Europe/Madrid", world.clock.now()), -1);
      const before = await countOf(yesterday, world.clock.now());
      // The overlap of a sync reaches three days back.
      await world.clock.sleep(DAY_MS);
      const after = await countOf(yesterday, world.clock.now());
      expect(after).toBeGreaterThanOrEqual(before);
      if (after > before) late += 1;
    }
    expect(late).toBe(1);
  });

  it("reads the ring where glucose is withheld, glucose where the ring is, and knows both from what was granted [OA-14]", async () => {
    const { world } = await visit("ana");
    const grantOnly = async (...permissions: string[]): Promise<Connection> => {
      const flow = world.startFlow();
      const form = new URLSearchParams({ ...Object.fromEntries(new URL(flow.url).searchParams), person: "ana", decision: "allow" });
      for (const permission of permissions) form.append("permission", permission);
      const answer = await fetch(new URL(flow.url).origin + new URL(flow.url).pathname, { method: "POST", body: form, redirect: "manual" });
      const code = new URL(answer.headers.get("location")!).searchParams.get("code")!;
      return world.finishFlow(flow, { consent: { kind: "code", code: new Secret(code), state: flow.state, scopes: null, issuer: null } });
    };
    const metricsOf = async ({ call }: Connection): Promise<Set<string>> =>
      new Set((await world.read(call, "metrics", week)).records.map((record) => (record.record === "sample" ? record.metric : record.record)));
    const ring = await grantOnly("profile", "ring_data");
    expect(ring.tokens.scopes).toEqual(["profile", "ring_data"]);
    const ofRing = await metricsOf(ring);
    expect([ofRing.has("glucose"), ofRing.has("heart_rate")]).toEqual([false, true]);
    expect(await metricsOf(await grantOnly("profile", "cgm_data"))).toEqual(new Set(["glucose"]));
    const nothing = await grantOnly("profile");
    await expect(metricsOf(nothing)).rejects.toMatchObject({ code: "provider_refused", vendorStatus: 403 });
    expect(nothing.refreshes).toBe(0);
  });

  it("knows the person in either form of the account", async () => {
    const [flat, wrapped] = [await visit("ana"), await visit("ana", { userInfo: "wrapped" })];
    expect(flat.call.account.vendorUserId).toBe(flat.cloud.control.people()[0]!.facts["ultrahuman"]!["userId"]);
    expect(wrapped.call.account.vendorUserId).toBe(flat.call.account.vendorUserId);
  });

  it("ends a grant at Ultrahuman by the token it has, and once more without harm [OA-23]", async () => {
    const { world, cloud, connection } = await visit("ana");
    const revoke = (): Promise<void> => revokeGrant({
      http: createTestClient({ clock: world.clock }), scope: { provider: "ultrahuman", connectionId: "contract" }, auth: oauthOf(ultrahuman),
      endpoints: { token: world.proxy.baseUrl }, client: { id: cloud.clientId, secret: new Secret(cloud.clientSecret) }, token: connection.tokens.refreshToken!,
    });
    await revoke();
    await expect(world.read(connection.call, "metrics", week)).rejects.toMatchObject({ code: "reauthorization_required" });
    await expect(revoke()).resolves.toBeUndefined();
  });
});
