/** Vendors with an offset, with a zone's own clock and with neither, and one person's days: all meet at the same instants. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SampleRecord } from "#driver/records.ts";
import { dexcom } from "#drivers/dexcom/index.ts";
import { fitbit } from "#drivers/fitbit/index.ts";
import { libre } from "#drivers/libre/index.ts";
import { ingest } from "#ingest/ingest.ts";
import { addZone, readZones } from "#people/zones.ts";
import { readDaySummaries } from "#summaries/days.ts";
import { keepSummaries } from "#summaries/keep.ts";
import { HOUR_MS, instantOfWall, offsetMinutesAt } from "#units/time.ts";
import { dateAt, daysTouching } from "#units/zones.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

let db: TestDatabase;
let organizationId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  organizationId = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('A clinic') returning id"))[0]!.id;
});
afterAll(() => db.close());

let patientId: string;
beforeEach(async () => {
  patientId = (await db.asOwner<{ id: string }>("insert into patients (organization_id, display_name, zone) values ($1, 'P', 'Europe/Madrid') returning id", [organizationId]))[0]!.id;
});

const ZONE = "Europe/Madrid";
const pad = (number: number): string => String(number).padStart(2, "0");
const wall = (ms: number, offsetMinutes: number): string => new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 19);
/** `11/20/2026 11:47:40 AM` */
function american(ms: number): string {
  const at = new Date(ms);
  const hour = at.getUTCHours();
  return `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${hour % 12 || 12}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())} ${hour < 12 ? "AM" : "PM"}`;
}

const context = (atMs: number) => ({ receivedMs: atMs + 48 * HOUR_MS, zone: ZONE });
const samplesOf = (result: { readonly records: readonly { readonly record: string }[]; readonly problems: readonly unknown[] }): SampleRecord[] => {
  expect(result.problems).toEqual([]);
  return (result.records as SampleRecord[]).filter((record) => record.record === "sample" && (record.metric === "glucose" || record.metric === "heart_rate"));
};

/** Its phone stays at the offset of home in winter, whatever the season. */
const byDexcom = (atMs: number): SampleRecord[] => samplesOf(dexcom.map("egvs", {
  recordType: "egv", recordVersion: "3.0", userId: "u",
  records: [{
    recordId: "00000000-0000-4000-8000-000000000001", systemTime: `${wall(atMs, 0)}+00:00`, displayTime: `${wall(atMs, 60)}+01:00`, transmitterId: "t", transmitterTicks: 1, value: 120, status: "ok",
    trend: "flat", trendRate: 0, unit: "mg/dL", rateUnit: "mg/dL/min", displayDevice: "iOS", transmitterGeneration: "g7",
  }],
}, context(atMs)));
/** The sensor's time in UTC, and no word on where that was. */
const byLibre = (atMs: number): SampleRecord[] => samplesOf(libre.map("graph", {
  status: 0, data: { connection: {}, graphData: [{ FactoryTimestamp: american(atMs), type: 0, ValueInMgPerDl: 110, GlucoseUnits: 1, Value: 110 }] },
}, context(atMs)));
/** The wall clock of the person's zone alone. */
function byFitbit(atMs: number): SampleRecord[] {
  const local = wall(atMs, offsetMinutesAt(ZONE, atMs));
  return samplesOf(fitbit.map("activities/heart/intraday", {
    "activities-heart": [{ dateTime: local.slice(0, 10), value: {} }],
    "activities-heart-intraday": { dataset: [{ time: local.slice(11), value: 60 }], datasetInterval: 1, datasetType: "minute" },
  }, context(atMs)));
}

let deliveries = 0;
const store = (provider: string, records: readonly SampleRecord[]) =>
  db.database.withOrganization(organizationId, (tx) => ingest(tx, { organizationId, patientId, connectionId: null, provider, deliveryId: String((deliveries += 1)) }, records));

describe("vendors with and without an offset", () => {
  it.each([
    ["in winter", "2026-01-15T00:30:00"], ["in summer, late at night", "2026-07-15T23:30:00"], ["in summer, just after midnight", "2026-07-16T00:20:00"],
    ["before the clocks go forward", "2026-03-29T01:59:00"], ["after they went forward", "2026-03-29T03:00:00"], ["before they go back", "2026-10-25T01:30:00"], ["after they went back", "2026-10-25T04:00:00"],
  ])("[R4] meet at one instant and on one local day %s", async (_when, local) => {
    const atMs = instantOfWall(ZONE, Date.parse(`${local}Z`));
    const all = { dexcom: byDexcom(atMs), libre: byLibre(atMs), fitbit: byFitbit(atMs) };
    for (const [vendor, records] of Object.entries(all)) {
      expect(records.map(({ startMs }) => startMs), vendor).toEqual([atMs]);
      await store(vendor, records);
    }
    // Each keeps the offset that it was taken in, or none.
    expect([all.dexcom, all.libre, all.fitbit].map(([record]) => record!.offsetMinutes)).toEqual([60, null, offsetMinutesAt(ZONE, atMs)]);
    await keepSummaries(db.database);
    await db.database.withOrganization(organizationId, async (tx) => {
      const history = await readZones(tx, patientId);
      const days = daysTouching(history, { fromMs: atMs - 30 * HOUR_MS, toMs: atMs + 30 * HOUR_MS });
      const told = await readDaySummaries(tx, { patientId, history, days });
      // Two sensors at one instant are one reading.
      for (const metric of ["glucose", "heart_rate"] as const) expect(told.get(metric)?.map(({ date, count }) => [date, count]), metric).toEqual([[local.slice(0, 10), 1]]);
    });
  });

  it("fall on the day of where the person was, not of where a vendor thought", async () => {
    const atMs = Date.UTC(2026, 6, 15, 16);
    await db.database.withOrganization(organizationId, (tx) => addZone(tx, { organizationId, patientId }, { fromMs: Date.UTC(2026, 6, 14), zone: "Asia/Tokyo" }));
    await store("dexcom", byDexcom(atMs));
    await store("fitbit", byFitbit(atMs));
    await db.database.withOrganization(organizationId, async (tx) => {
      const history = await readZones(tx, patientId);
      expect(dateAt(history, atMs)).toBe("2026-07-16");
      const told = await readDaySummaries(tx, { patientId, history, days: daysTouching(history, { fromMs: atMs - 30 * HOUR_MS, toMs: atMs + 30 * HOUR_MS }) });
      expect(told.get("glucose")?.map(({ date }) => date)).toEqual(["2026-07-16"]);
      expect(told.get("heart_rate")?.map(({ date }) => date)).toEqual(["2026-07-16"]);
    });
  });
});
