/** The sample store's two forms: whatever comes, in whatever order and form, reads are the same as if all rested in plain rows. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SampleRecord } from "#driver/records.ts";
import { ingest, type IngestResult } from "#ingest/ingest.ts";
import { readMany } from "#samples/store/bulk.ts";
import { foldSettled } from "#samples/store/fold.ts";
import { listSeries } from "#samples/store/series.ts";
import { deliveryOfSample, newestTimes, readSamples } from "#samples/store/store.ts";
import { eraseConnectionSamples } from "#samples/store/write.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";
import { seeded } from "./kit/random.ts";

const DAY = Date.UTC(2025, 2, 3);

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

const sample = (startMs: number, value: number, more: Partial<SampleRecord> = {}): SampleRecord => ({ record: "sample", metric: "glucose", startMs, value, offsetMinutes: 60, ...more });
/** A sensor's readings from `fromMs` on. */
const readings = (fromMs: number, count: number, value = (index: number): number => 100 + (index % 90)): SampleRecord[] =>
  Array.from({ length: count }, (_, index) => sample(fromMs + index * 5 * MINUTE_MS, value(index)));

const take = async (deliveryId: number, records: readonly SampleRecord[]): Promise<IngestResult> =>
  (await db.database.withOrganization(organizationId, (tx) => ingest(tx, { organizationId, patientId, connectionId, provider: "fake", deliveryId: String(deliveryId) }, records))).stored;
const within = <T>(work: Parameters<TestDatabase["database"]["withOrganization"]>[1]): Promise<T> => db.database.withOrganization(organizationId, work) as Promise<T>;
const seriesId = async (): Promise<string> => (await within<{ id: string }[]>((tx) => listSeries(tx, patientId)))[0]!.id;
const read = async (range: Partial<Parameters<typeof readSamples>[3]> = {}): Promise<string[]> => {
  const id = await seriesId();
  const found = await within<Awaited<ReturnType<typeof readSamples>>>((tx) => readSamples(tx, patientId, id, { fromMs: DAY - 100 * DAY_MS, toMs: DAY + 500 * DAY_MS, limit: 1_000_000, ...range }));
  return Array.from(found.startMs, (startMs, index) => `${new Date(startMs).toISOString().slice(5, 16)} ${found.values[index]} ${found.offsetMinutes[index]} ${found.flags[index]}${Number.isNaN(found.endMs[index]) ? "" : ` ${(found.endMs[index]! - startMs) / MINUTE_MS}`}`);
};
const forms = async (): Promise<{ rows: number; blocks: number }> => {
  const [row] = await db.asOwner<{ rows: number; blocks: number }>("select (select count(*)::int from samples where patient_id = $1) as rows, (select count(*)::int from day_blocks where patient_id = $1) as blocks", [patientId]);
  return row!;
};

describe("days that come whole", () => {
  it("are blocks at once, also of today; what comes one by one is a row until its day has a block", async () => {
    const { samples } = await take(1, readings(DAY, 2 * 288));
    expect(samples).toBe(576);
    expect(await forms()).toEqual({ rows: 0, blocks: 2 });
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    await take(2, readings(today, 2));
    expect(await forms()).toEqual({ rows: 2, blocks: 2 });
    await take(3, readings(today, 20));
    expect(await forms()).toEqual({ rows: 0, blocks: 3 });
    await take(4, readings(today + 100 * MINUTE_MS, 1));
    expect(await forms()).toEqual({ rows: 0, blocks: 3 });
    expect(await read({ toMs: today + DAY_MS })).toHaveLength(597);
  });

  it("change nothing the second time, and only what differs from a newer delivery", async () => {
    const before = readings(DAY, 288);
    await take(5, before);
    expect((await take(6, before)).samples).toBe(0);
    expect((await take(7, [sample(DAY, 222), ...before.slice(1, 20)])).samples).toBe(1);
    expect((await take(3, [sample(DAY, 111), ...before.slice(1, 20)])).samples).toBe(0);
    expect((await read())[0]).toBe("03-03T00:00 222 60 0");
    expect(await forms()).toEqual({ rows: 0, blocks: 1 });
  });

  it("take in what comes late, one by one", async () => {
    await take(1, readings(DAY, 288));
    expect((await take(2, [sample(DAY + 2 * MINUTE_MS, 77, { endMs: DAY + 3 * MINUTE_MS })])).samples).toBe(1);
    expect((await read()).slice(0, 2)).toEqual(["03-03T00:00 100 60 0", "03-03T00:02 77 60 0 1"]);
    expect(await forms()).toEqual({ rows: 0, blocks: 1 });
  });
});

describe("folding", () => {
  it("leaves every read as it was, and sparse days as rows", async () => {
    for (let index = 0; index < 30; index += 1) await take(index + 1, [sample(DAY + index * 30 * MINUTE_MS, 100 + index, { flags: index === 3 ? ["manual"] : [] })]);
    await take(40, [sample(DAY + 3 * DAY_MS, 90)]);
    const before = await read();
    expect(await forms()).toEqual({ rows: 31, blocks: 0 });
    expect(await foldSettled(db.database, { nowMs: DAY + 10 * DAY_MS })).toBeGreaterThan(0);
    expect(await forms()).toEqual({ rows: 1, blocks: 1 });
    expect(await read()).toEqual(before);
    expect(await foldSettled(db.database, { nowMs: DAY + 10 * DAY_MS })).toBe(0);
    const id = await seriesId();
    expect(await within((tx) => deliveryOfSample(tx, patientId, id, DAY + 90 * MINUTE_MS))).toEqual({ deliveryId: "4", value: 103, flags: ["manual"] });
    expect(await within((tx) => deliveryOfSample(tx, patientId, id, DAY + 91 * MINUTE_MS))).toBeNull();
    expect(await within((tx) => deliveryOfSample(tx, patientId, id, DAY + 3 * DAY_MS))).toMatchObject({ deliveryId: "40" });
  });

  it("does not touch what has not settled", async () => {
    for (let index = 0; index < 10; index += 1) await take(index + 1, [sample(DAY + index * MINUTE_MS, 100)]);
    expect(await foldSettled(db.database, { nowMs: DAY + 2 * DAY_MS + HOUR_MS })).toBe(0);
    expect(await forms()).toEqual({ rows: 10, blocks: 0 });
  });

  it("and writing at the same moment lose nothing and keep nothing twice", async () => {
    for (let index = 0; index < 50; index += 1) await take(index + 1, [sample(DAY + index * MINUTE_MS, 100)]);
    await Promise.all([
      ...Array.from({ length: 20 }, (_, index) => take(100 + index, [sample(DAY + (50 + index) * MINUTE_MS, 100), sample(DAY + index * MINUTE_MS, 101)])),
      foldSettled(db.database, { nowMs: DAY + 10 * DAY_MS }), foldSettled(db.database, { nowMs: DAY + 10 * DAY_MS }),
    ]);
    await foldSettled(db.database, { nowMs: DAY + 10 * DAY_MS });
    const lines = await read();
    expect(lines).toHaveLength(70);
    expect(new Set(lines.map((line) => line.slice(0, 11))).size).toBe(70);
    expect(lines.filter((line) => line.includes(" 101 "))).toHaveLength(20);
  });
});

describe("reads over both forms", () => {
  /** Blocks of days 0 and 1, rows on day 1 between them and on day 5. */
  beforeEach(async () => {
    await take(1, readings(DAY, 2 * 288));
    await take(2, [sample(DAY + 5 * DAY_MS, 70, { endMs: DAY + 5 * DAY_MS + 2 * HOUR_MS })]);
    await db.asOwner(
      `insert into samples (organization_id, patient_id, series_id, start_at, value, delivery_id, offset_minutes)
       select organization_id, patient_id, id, to_timestamp($2::float8 / 1000), 55, 3, 60 from series where patient_id = $1`, [patientId, DAY + DAY_MS + MINUTE_MS],
    );
  });

  it("are cut at the oldest or the newest", async () => {
    const all = await read();
    expect(all).toHaveLength(578);
    for (const limit of [1, 100, 288, 289, 290, 577, 578, 1_000]) {
      expect(await read({ limit }), `oldest ${limit}`).toEqual(all.slice(0, limit));
      expect(await read({ limit, newestFirst: true }), `newest ${limit}`).toEqual(all.slice(-limit));
    }
    const [fromMs, toMs] = [DAY + 7 * HOUR_MS, DAY + DAY_MS + 3 * MINUTE_MS];
    const some = all.filter((line) => line >= "03-03T07:00" && line < "03-04T00:03");
    expect(await read({ fromMs, toMs })).toEqual(some);
    expect(await read({ fromMs, toMs, limit: 5 })).toEqual(some.slice(0, 5));
    expect(await read({ fromMs, toMs, limit: 5, newestFirst: true })).toEqual(some.slice(-5));
  });

  it("find the newest, also before a time", async () => {
    const id = await seriesId();
    const newest = (beforeMs?: number): Promise<Map<string, number>> => within((tx) => newestTimes(tx, patientId, [id], beforeMs));
    expect((await newest()).get(id)).toBe(DAY + 5 * DAY_MS);
    expect((await newest(DAY + 5 * DAY_MS)).get(id)).toBe(DAY + 2 * DAY_MS - 5 * MINUTE_MS);
    expect((await newest(DAY + DAY_MS + 2 * MINUTE_MS)).get(id)).toBe(DAY + DAY_MS + MINUTE_MS);
    expect((await newest(DAY + DAY_MS)).get(id)).toBe(DAY + DAY_MS - 5 * MINUTE_MS);
    expect((await newest(DAY + 1)).get(id)).toBe(DAY);
    expect((await newest(DAY)).get(id)).toBeUndefined();
  });

  it("find what reaches over a time", async () => {
    const id = await seriesId();
    const reaching = async (atMs: number): Promise<number[]> => {
      const found = await within<Awaited<ReturnType<typeof readMany>>>((tx) => readMany(tx, patientId, [id], { fromMs: atMs, toMs: atMs + 1, limit: 1, instantMs: 7.5 * MINUTE_MS }));
      return Array.from(found.get(id)?.startMs ?? []).filter((ms) => ms < atMs).map((ms) => (ms - DAY) / MINUTE_MS);
    };
    expect(await reaching(DAY + 12 * MINUTE_MS)).toEqual([5, 10]);
    expect(await reaching(DAY + 5 * DAY_MS + HOUR_MS)).toEqual([5 * 1_440]);
    expect(await reaching(DAY + DAY_MS)).toEqual([1_435]);
    expect(await reaching(DAY + 5 * DAY_MS + 2 * HOUR_MS)).toEqual([]);
  });
});

describe("what is deleted", () => {
  it("is gone from blocks and rows alike, but for what is left and what came later", async () => {
    await take(5, readings(DAY, 288));
    await take(9, [sample(DAY + 10 * MINUTE_MS, 300)]);
    const left = [sample(DAY, 100)];
    const { stored } = await within<{ stored: IngestResult }>((tx) => ingest(
      tx, { organizationId, patientId, connectionId, provider: "fake", deliveryId: "6" }, left, { fromMs: DAY, toMs: DAY + HOUR_MS, of: [], metrics: ["glucose"] },
    ));
    expect(stored.samples).toBe(10);
    expect((await read()).slice(0, 3)).toEqual(["03-03T00:00 100 60 0", "03-03T00:10 300 60 0", "03-03T01:00 112 60 0"]);
    expect(await within((tx) => eraseConnectionSamples(tx, patientId, connectionId))).toBe(278);
    expect(await forms()).toEqual({ rows: 0, blocks: 0 });
  });
});

describe("a store that was written to at random", () => {
  it("reads like a plain table of the same samples", async () => {
    const random = seeded(20_261_121);
    const whole = (below: number): number => Math.floor(random() * below);
    /** start → value and delivery: what the rule of ingest leaves. */
    const model = new Map<number, { value: number; delivery: number }>();
    for (let delivery = 1; delivery <= 60; delivery += 1) {
      const number = 1 + whole(60);
      const late = Math.max(1, delivery - whole(4) * 3);
      const from = DAY + whole(3) * DAY_MS + whole(288) * 5 * MINUTE_MS;
      const records = Array.from({ length: random() < 0.5 ? 1 : 40 }, (_, index) => sample(from + index * 5 * MINUTE_MS, 60 + ((number + index) % 40)));
      await take(late, records);
      for (const { startMs, value } of records) {
        const known = model.get(startMs);
        if (!known || (known.delivery <= late && known.value !== value)) model.set(startMs, { value, delivery: late });
      }
      if (delivery % 7 === 0) await foldSettled(db.database, { nowMs: DAY + 10 * DAY_MS });
      if (delivery % 10 !== 0) continue;
      const expected = [...model].toSorted(([a], [b]) => a - b).map(([startMs, { value }]) => `${new Date(startMs).toISOString().slice(5, 16)} ${value} 60 0`);
      expect(await read()).toEqual(expected);
    }
  });
});
