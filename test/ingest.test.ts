/** Ingest on a real database: whatever comes, how often and in what order, the same rows are left. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Replacement, SampleRecord, SleepRecord, TreatmentRecord, VendorRecord, WorkoutRecord } from "#driver/records.ts";
import { ingest, type IngestOutcome } from "#ingest/ingest.ts";
import { listRecords, type RecordTable } from "#samples/records.ts";
import { listSeries } from "#samples/store/series.ts";
import { readSamples } from "#samples/store/store.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

const AT_MS = Date.UTC(2026, 9, 15, 8);
const MINUTE_MS = 60_000;

let db: TestDatabase;
let organizationId: string;
let patientId: string;
let connectionId: string;

beforeAll(async () => {
  db = await createTestDatabase();
  organizationId = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('A') returning id"))[0]!.id;
});
afterAll(() => db.close());
beforeEach(async () => {
  patientId = (await db.asOwner<{ id: string }>("insert into patients (organization_id, display_name) values ($1, 'P') returning id", [organizationId]))[0]!.id;
  connectionId = (await db.asOwner<{ id: string }>(
    "insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, 'fake', 'active', 'u') returning id", [organizationId, patientId],
  ))[0]!.id;
});

/** Ingests under a delivery number: the order in which things came. */
const take = (deliveryId: number, records: readonly VendorRecord[], connection: string | null = connectionId): Promise<IngestOutcome> =>
  db.database.withOrganization(organizationId, (tx) => ingest(tx, { organizationId, patientId, connectionId: connection, provider: connection ? "fake" : "import", deliveryId: String(deliveryId) }, records));

/** What a vendor says is left of two hours around the present. */
const replace = (deliveryId: number, records: readonly VendorRecord[], change: Partial<Replacement> = {}): Promise<IngestOutcome> =>
  db.database.withOrganization(organizationId, (tx) => ingest(
    tx, { organizationId, patientId, connectionId, provider: "fake", deliveryId: String(deliveryId) }, records,
    { fromMs: AT_MS - 60 * MINUTE_MS, toMs: AT_MS + 60 * MINUTE_MS, of: [], metrics: [], ...change },
  ));

const stored = async (deliveryId: number, records: readonly VendorRecord[]) => (await take(deliveryId, records)).stored;

const sample = (change: Partial<SampleRecord> = {}): SampleRecord => ({ record: "sample", metric: "glucose", startMs: AT_MS, value: 120, offsetMinutes: 120, ...change });
const sleep = (change: Partial<SleepRecord> = {}): SleepRecord => ({
  record: "sleep", vendorId: "s1", startMs: AT_MS - 8 * 60 * MINUTE_MS, endMs: AT_MS, offsetMinutes: 120, isNap: false, stages: [], totals: { asleepS: 27_000 }, ...change,
});
const workout = (change: Partial<WorkoutRecord> = {}): WorkoutRecord => ({
  record: "workout", vendorId: "w1", startMs: AT_MS, endMs: AT_MS + 30 * MINUTE_MS, offsetMinutes: 120, sport: "running", distanceM: 5_000, ...change,
});
const meal = (change: Partial<TreatmentRecord> = {}): TreatmentRecord => ({ record: "treatment", kind: "carbohydrates", vendorId: "t1", atMs: AT_MS, offsetMinutes: 120, amount: 40, ...change });

const samples = () => db.ofSamples<{ metric: number; device_id: string; is_day_total: boolean; value: number; delivery_id: string }>(
  `select metric, device_id, is_day_total, value, delivery_id from samples join series on series.patient_id = samples.patient_id and series.id = series_id
   where samples.patient_id = $1 order by metric, is_day_total, device_id, start_at`, [patientId],
);
const changes = () => db.asOwner<{ kind: string; metric: number | null; count: number; from_at: Date; to_at: Date }>(
  "select kind, metric, count, from_at, to_at from changes where patient_id = $1 order by id", [patientId],
);
const shown = <Table extends RecordTable>(table: Table) =>
  db.database.withOrganization(organizationId, (tx) => listRecords(tx, table, patientId, { fromMs: 0, toMs: AT_MS * 2, limit: 50, after: null }));

const kept = async () => (await shown("workouts")).length;

describe("samples", () => {
  it("[E4] are the same rows after the same records again, and the second time nothing is announced", async () => {
    const records = [sample(), sample({ startMs: AT_MS + 5 * MINUTE_MS, value: 125, flags: ["manual"], endMs: AT_MS + 6 * MINUTE_MS })];
    expect((await stored(1, records)).samples).toBe(2);
    expect(await changes()).toHaveLength(1);
    expect((await stored(1, records)).samples).toBe(0);
    expect((await stored(2, records)).samples).toBe(0);
    expect(await changes()).toHaveLength(1);
    expect((await samples()).map(({ delivery_id }) => delivery_id)).toEqual(["1", "1"]);
  });

  it("take the value of the later delivery, also when the earlier one is replayed afterwards", async () => {
    await take(1, [sample({ value: 120 })]);
    expect((await stored(3, [sample({ value: 118 })])).samples).toBe(1);
    expect((await stored(1, [sample({ value: 120 })])).samples).toBe(0);
    expect((await stored(2, [sample({ value: 119 })])).samples).toBe(0);
    expect(await samples()).toMatchObject([{ value: 118, delivery_id: "3" }]);
  });

  it("are corrected by a replay of the same delivery under a mended mapping", async () => {
    await take(5, [sample({ value: 6.7, metric: "ketone" })]);
    expect((await stored(5, [sample({ value: 0.7, metric: "ketone" })])).samples).toBe(1);
    expect(await samples()).toMatchObject([{ value: 0.7, delivery_id: "5" }]);
  });

  it("[VA-11] of one start in one delivery are one, the last", async () => {
    expect((await stored(1, [sample({ value: 100 }), sample({ value: 101 }), sample({ value: 102 })])).samples).toBe(1);
    expect(await samples()).toMatchObject([{ value: 102 }]);
  });

  it("[W4] of two devices, of an import and of a connection do not touch one another", async () => {
    await take(1, [sample({ value: 100, device: { id: "a", name: "Sensor A" } }), sample({ value: 110, device: { id: "b" } }), sample({ value: 120 })]);
    await take(2, [sample({ value: 130 })], null);
    expect((await samples()).map(({ value }) => value).toSorted((a, b) => a - b)).toEqual([100, 110, 120, 130]);
    const series = await db.database.withOrganization(organizationId, (tx) => listSeries(tx, patientId, ["glucose"]));
    expect(series.map(({ deviceId, deviceName, connectionId: connection }) => [deviceId, deviceName, connection])).toEqual(
      expect.arrayContaining([["a", "Sensor A", connectionId], ["b", null, connectionId], ["", null, connectionId], ["", null, null]]),
    );
  });

  it("learn the name of their device later", async () => {
    await take(1, [sample({ device: { id: "a" } })]);
    await take(2, [sample({ device: { id: "a", name: "Sensor A" } })]);
    await take(3, [sample({ device: { id: "a" } })]);
    const series = await db.database.withOrganization(organizationId, (tx) => listSeries(tx, patientId, ["glucose"]));
    expect(series.map(({ deviceId, deviceName }) => [deviceId, deviceName])).toEqual([["a", "Sensor A"]]);
  });

  it("keep a vendor's day totals beside what it measured within the day", async () => {
    const dayEndMs = AT_MS + 86_400_000;
    await take(1, [
      sample({ metric: "steps", endMs: dayEndMs, value: 9_000, flags: ["day_total"] }), sample({ metric: "steps", endMs: AT_MS + 15 * MINUTE_MS, value: 300 }),
    ]);
    await take(2, [sample({ metric: "steps", endMs: dayEndMs, value: 9_500, flags: ["day_total"] })]);
    expect(await samples()).toMatchObject([{ is_day_total: false, value: 300 }, { is_day_total: true, value: 9_500 }]);
  });

  it("come back as they went in: instant, end, offset, flags", async () => {
    const oddMs = AT_MS + 1;
    await take(1, [sample({ startMs: oddMs, endMs: oddMs + 999, offsetMinutes: -210, flags: ["below_range", "manual"] }), sample({ startMs: oddMs + 5_000, offsetMinutes: null })]);
    const back = await db.database.withOrganization(organizationId, async (tx) => {
      const [series] = await listSeries(tx, patientId);
      return readSamples(tx, patientId, series!.id, { fromMs: 0, toMs: AT_MS * 2, limit: 10 });
    });
    expect({ ...back, startMs: [...back.startMs], endMs: [...back.endMs], flags: [...back.flags], values: [...back.values], deliveryIds: back.deliveryIds.length }).toEqual({
      deliveryIds: 2, startMs: [oddMs, oddMs + 5_000], endMs: [oddMs + 999, Number.NaN], values: [120, 120], offsetMinutes: [-210, null], flags: [5, 0],
    });
  });

  it("[WH-25, DA-08] refuse what cannot be, one by one, and say which", async () => {
    const { stored: kept, problems } = await take(1, [sample(), sample({ value: Number.NaN, startMs: AT_MS + 1 }), sample({ startMs: AT_MS + 2, value: 121 })]);
    expect(kept.samples).toBe(2);
    expect(problems).toEqual([{ path: "record 1", reason: "outside what glucose can be" }]);
  });

  it("are announced once for each series, with number and stretch", async () => {
    await take(1, [sample(), sample({ startMs: AT_MS + 10 * MINUTE_MS }), sample({ metric: "heart_rate", value: 60 })]);
    expect(await changes()).toEqual(expect.arrayContaining([
      { kind: "samples", metric: 1, count: 2, from_at: new Date(AT_MS), to_at: new Date(AT_MS + 10 * MINUTE_MS) },
      { kind: "samples", metric: 10, count: 1, from_at: new Date(AT_MS), to_at: new Date(AT_MS) },
    ]));
  });

  it("go in a hundred thousand at a time, again without a change", async () => {
    const records = Array.from({ length: 100_000 }, (_, index) => sample({ startMs: AT_MS - index * MINUTE_MS, value: 80 + (index % 120), device: { id: index % 2 ? "a" : "b" } }));
    expect((await stored(1, records)).samples).toBe(100_000);
    expect((await stored(2, records)).samples).toBe(0);
    const [row] = await db.ofSamples<{ n: string }>("select count(*) as n from samples where patient_id = $1", [patientId]);
    expect(row!.n).toBe("100000");
    expect(await changes()).toHaveLength(2);
  }, 60_000);

  it("[ST-10] of eight deliveries at once with the same series and instants end without a deadlock, at the newest value", async () => {
    const devices = ["a", "b", "c", "d"];
    const batch = (deliveryId: number) => {
      const records = devices.flatMap((id) => Array.from({ length: 300 }, (_, index) => sample({ startMs: AT_MS + index * MINUTE_MS, value: 100 + deliveryId, device: { id } })));
      return deliveryId % 2 ? records : records.toReversed();
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => take(index + 1, batch(index + 1))));
    const rows = await samples();
    expect(rows).toHaveLength(1_200);
    expect(new Set(rows.map(({ value }) => value))).toEqual(new Set([108]));
  });
});

describe("sleeps, workouts and treatments", () => {
  it("are upserted by the vendor's id, else by their start, and announced when they change", async () => {
    const records = [sleep(), sleep({ vendorId: null, isNap: true, startMs: AT_MS + 1, endMs: AT_MS + 2 }), workout(), meal(), meal({ vendorId: null, kind: "note", text: "late" })];
    expect(await stored(1, records)).toEqual({ samples: 0, sleeps: 2, workouts: 1, treatments: 2 });
    expect(await stored(2, records)).toEqual({ samples: 0, sleeps: 0, workouts: 0, treatments: 0 });
    expect((await stored(3, [sleep({ endMs: AT_MS + 60_000, score: 80 })])).sleeps).toBe(1);
    expect(await shown("sleeps")).toMatchObject([{ kind: "nap" }, { endMs: AT_MS + 60_000, details: { score: 80, totals: { asleepS: 27_000 } }, deliveryId: "3" }]);
    expect(await changes()).toMatchObject([{ kind: "sleep", count: 2 }, { kind: "treatment", count: 2 }, { kind: "workout", count: 1 }, { kind: "sleep", count: 1 }]);
  });

  it("keep the detail that one payload brought when a summary comes after it, and gain it when it comes late", async () => {
    const laps = [{ startMs: AT_MS, endMs: AT_MS + 1 }];
    await take(1, [workout({ laps, averageHeartRate: 150 })]);
    expect((await stored(2, [workout({ averageHeartRate: 151 })])).workouts).toBe(1);
    expect(await shown("workouts")).toMatchObject([{ details: { laps, averageHeartRate: 151 }, deliveryId: "2" }]);
    const other = { vendorId: "w2", startMs: AT_MS + 1 };
    await take(4, [workout({ ...other, averageHeartRate: 140 })]);
    expect((await stored(3, [workout({ ...other, averageHeartRate: 139, laps, title: "Late" })])).workouts).toBe(1);
    expect((await shown("workouts"))[0]).toMatchObject({ details: { laps, averageHeartRate: 140, title: "Late" }, deliveryId: "4" });
    expect((await stored(3, [workout({ ...other, averageHeartRate: 139, laps, title: "Late" })])).workouts).toBe(0);
  });

  it("[WH-09] are the same whether two versions are processed in order or not", async () => {
    const versions = [workout({ distanceM: 5_000, startMs: AT_MS }), workout({ distanceM: 5_100, startMs: AT_MS + 1_000, sport: "walking" })];
    await take(11, [versions[0]!]);
    await take(12, [versions[1]!]);
    const inOrder = (await shown("workouts")).map(({ id: _id, ...rest }) => rest);
    await db.asOwner("delete from workouts where patient_id = $1", [patientId]);
    await take(12, [versions[1]!]);
    await take(11, [versions[0]!]);
    expect((await shown("workouts")).map(({ id: _id, ...rest }) => rest)).toEqual(inOrder);
  });

  it("[W4] of one id in one delivery are one, with the detail of both", async () => {
    expect((await stored(1, [workout({ laps: [{ startMs: AT_MS }] }), workout({ averagePowerW: 200 })])).workouts).toBe(1);
    expect(await shown("workouts")).toMatchObject([{ details: { laps: [{ startMs: AT_MS }], averagePowerW: 200 } }]);
    expect((await stored(1, [workout({ laps: [{ startMs: AT_MS }] }), workout({ averagePowerW: 200 })])).workouts).toBe(0);
  });

  it("[WH-16] take titles and notes that no database can hold, and ids of any length", async () => {
    const long = "x".repeat(10_000);
    expect(await stored(1, [workout({ title: "up\0down \ud83d" }), workout({ vendorId: `${long}1` }), workout({ vendorId: `${long}2` }), meal({ text: "half \udc00" })])).toMatchObject({ workouts: 3, treatments: 1 });
    expect((await shown("workouts")).some(({ details }) => details.title === "up\uFFFDdown \uFFFD")).toBe(true);
    expect((await stored(2, [sample({ device: { id: "\0", name: `${long}\0` } })])).samples).toBe(1);
  });
});

describe("a withdrawal", () => {
  const gone = { record: "withdrawal", of: "workout", vendorId: "w1" } as const;

  it("takes a record out of sight and is announced once, with the record's time", async () => {
    await take(1, [workout()]);
    expect((await stored(2, [gone])).workouts).toBe(1);
    expect(await kept()).toBe(0);
    expect((await stored(2, [gone])).workouts).toBe(0);
    expect((await stored(3, [gone])).workouts).toBe(0);
    expect((await changes()).slice(1)).toMatchObject([{ kind: "workout", count: 1, from_at: new Date(AT_MS), to_at: new Date(AT_MS + 30 * MINUTE_MS) }]);
  });

  it("[WH-09] that comes before its record keeps it out", async () => {
    expect((await stored(2, [gone])).workouts).toBe(0);
    expect(await changes()).toEqual([]);
    expect((await stored(1, [workout()])).workouts).toBe(0);
    expect(await kept()).toBe(0);
  });

  it("[WH-09] of an older delivery does not touch a newer record, nor does its replay", async () => {
    await take(5, [workout()]);
    expect((await stored(4, [gone])).workouts).toBe(0);
    expect(await kept()).toBe(1);
    await take(6, [gone]);
    expect((await stored(5, [workout()])).workouts).toBe(0);
    expect(await kept()).toBe(0);
  });

  it("is undone by a record that came after it, whichever is processed first", async () => {
    await take(1, [workout()]);
    await take(2, [gone]);
    expect((await stored(3, [workout()])).workouts).toBe(1);
    expect((await stored(2, [gone])).workouts).toBe(0);
    expect(await kept()).toBe(1);
    await take(9, [gone]);
    await take(7, [gone]);
    expect((await stored(8, [workout()])).workouts).toBe(0);
    expect(await kept()).toBe(0);
  });

  it("in one delivery counts by its place", async () => {
    await take(1, [workout(), gone]);
    expect(await kept()).toBe(0);
    await take(2, [gone, workout()]);
    expect(await kept()).toBe(1);
    expect((await stored(2, [gone, workout()])).workouts).toBe(0);
  });

  it.each([["sleep", sleep({ vendorId: "w1" })], ["treatment", meal({ vendorId: "w1" })]] as const)("works for a %s, before and after it", async (of, record) => {
    const table = of === "sleep" ? "sleeps" : "treatments";
    await take(1, [record]);
    await take(2, [{ record: "withdrawal", of, vendorId: "w1" }]);
    expect(await shown(table)).toEqual([]);
    await take(4, [{ record: "withdrawal", of, vendorId: "other" }]);
    await take(3, [{ ...record, vendorId: "other" }]);
    expect(await shown(table)).toEqual([]);
  });
});

describe("what is left of a stretch of time", () => {
  it("takes the other samples of these metrics away, announces that, and leaves what lies outside, is of another metric or another source", async () => {
    const edge = AT_MS + 60 * MINUTE_MS;
    await take(1, [sample({ value: 101 }), sample({ value: 102, startMs: AT_MS + 1 }), sample({ value: 103, startMs: AT_MS + 2, device: { id: "a" } }), sample({ value: 104, startMs: edge }), sample({ metric: "heart_rate", value: 60 })]);
    await take(1, [sample({ value: 105 })], null);
    const before = (await changes()).length;
    expect((await replace(2, [sample({ value: 101 })], { metrics: ["glucose"] })).stored.samples).toBe(2);
    expect((await samples()).map(({ value }) => value).toSorted((a, b) => a - b)).toEqual([60, 101, 104, 105]);
    expect((await changes()).slice(before)).toMatchObject([{ kind: "samples", metric: 1, count: 1, from_at: new Date(AT_MS + 1) }, { kind: "samples", metric: 1, count: 1, from_at: new Date(AT_MS + 2) }]);
    expect((await replace(2, [sample({ value: 101 })], { metrics: ["glucose"] })).stored.samples).toBe(0);
  });

  it("says of a day's totals nothing, or of them alone, where the vendor tells them apart", async () => {
    const both = [sample({ metric: "steps", value: 300 }), sample({ metric: "steps", value: 9_000, flags: ["day_total"] })];
    await take(1, both);
    await replace(2, [], { metrics: ["steps"], dayTotals: "never" });
    expect((await samples()).map(({ value }) => value)).toEqual([9_000]);
    await take(3, both);
    await replace(4, [], { metrics: ["steps"], dayTotals: "only" });
    expect((await samples()).map(({ value }) => value)).toEqual([300]);
    await replace(5, [], { metrics: ["steps"] });
    expect(await samples()).toEqual([]);
  });

  it("withdraws the other records of these kinds, by id and by start, and a replay does not bring them back", async () => {
    const [kept, unnamed] = [workout({ vendorId: "kept" }), workout({ vendorId: null, startMs: AT_MS + 5 })];
    await take(1, [kept, unnamed, workout(), meal(), workout({ vendorId: "before", startMs: AT_MS - 61 * MINUTE_MS })]);
    expect((await replace(2, [kept, unnamed], { of: ["workout"] })).stored).toMatchObject({ workouts: 1, treatments: 0 });
    expect(await shown("workouts")).toHaveLength(3);
    expect(await shown("treatments")).toHaveLength(1);
    expect((await changes()).at(-1)).toMatchObject({ kind: "workout", count: 1, from_at: new Date(AT_MS) });
    expect((await stored(1, [workout()])).workouts).toBe(0);
    expect((await replace(3, [], { of: ["workout", "treatment"] })).stored).toMatchObject({ workouts: 2, treatments: 1 });
    expect((await shown("workouts")).length).toBe(1);
  });

  it("[WH-09] of an older delivery removes nothing that a newer one brought", async () => {
    await take(5, [sample(), workout()]);
    expect((await replace(4, [], { of: ["workout"], metrics: ["glucose"] })).stored).toMatchObject({ samples: 0, workouts: 0 });
    expect(await samples()).toHaveLength(1);
    expect(await shown("workouts")).toHaveLength(1);
  });
});
