/** Many series read in one statement: the same as each read by itself, in whichever form its samples rest. [R8] */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SampleRecord } from "#driver/records.ts";
import { ingest } from "#ingest/ingest.ts";
import { listSeriesWithNewest, readMany } from "#samples/store/bulk.ts";
import { foldSettled } from "#samples/store/fold.ts";
import { LONGEST_SAMPLE_MS, newestTimes, readSamples } from "#samples/store/store.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";
import { seeded } from "./kit/random.ts";

const DAY = Date.UTC(2025, 2, 3);
const INSTANT_MS = 7.5 * MINUTE_MS;

let db: TestDatabase;
let organizationId: string;
let patientId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  organizationId = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('A') returning id"))[0]!.id;
  patientId = (await db.asOwner<{ id: string }>("insert into patients (organization_id, display_name) values ($1, 'P') returning id", [organizationId]))[0]!.id;
});
afterAll(() => db.close());

it("is the same as reading one after the other, whatever rests where and wherever the range begins and is cut", async () => {
  const random = seeded(20_261_121);
  const whole = (below: number): number => Math.floor(random() * below);
  const sampleOf = (device: number, startMs: number): SampleRecord => ({
    record: "sample", metric: "steps", startMs, endMs: startMs + (1 + whole(4)) * 20 * MINUTE_MS, value: whole(1_000), offsetMinutes: random() < 0.5 ? 60 : null, device: { id: `d${device}` },
    ...(random() < 0.3 ? { flags: ["estimated" as const] } : {}),
  });
  for (let delivery = 1; delivery <= 40; delivery += 1) {
    const isFew = random() < 0.5;
    // A day with few samples stays in rows.
    const day = isFew ? [4, 1][whole(2)]! : whole(4);
    const [device, from, count] = [whole(3), DAY + day * DAY_MS + whole(288) * 5 * MINUTE_MS, isFew ? 1 : 60];
    const records = Array.from({ length: count }, (_, index) => sampleOf(device, from + index * 5 * MINUTE_MS));
    await db.database.withOrganization(organizationId, (tx) => ingest(tx, { organizationId, patientId, connectionId: null, provider: "import", deliveryId: String(delivery) }, records));
    if (delivery === 25) await foldSettled(db.database, { nowMs: DAY + 10 * DAY_MS });
  }
  expect(await db.asOwner("select 1 from day_blocks")).not.toEqual([]);
  expect(await db.asOwner("select 1 from samples")).not.toEqual([]);

  await db.database.withOrganization(organizationId, async (tx) => {
    const series = await listSeriesWithNewest(tx, patientId, ["steps"]);
    const ids = series.map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(new Map(series.map(({ id, newestMs }) => [id, newestMs]))).toEqual(await newestTimes(tx, patientId, ids));
    expect(await listSeriesWithNewest(tx, patientId, ["weight"])).toEqual([]);
    for (let round = 0; round < 60; round += 1) {
      const fromMs = DAY + whole(5 * 288) * 5 * MINUTE_MS - HOUR_MS;
      const range = { fromMs, toMs: fromMs + 1 + whole(3 * DAY_MS), limit: random() < 0.5 ? 1 + whole(50) : 100_000 };
      const found = await readMany(tx, patientId, ids, { ...range, instantMs: INSTANT_MS });
      for (const id of ids) {
        const before = await readSamples(tx, patientId, id, { fromMs: fromMs - LONGEST_SAMPLE_MS, toMs: fromMs, limit: 100_000 });
        const reaches = (place: number): boolean => (Number.isNaN(before.endMs[place]!) ? before.startMs[place]! + INSTANT_MS : before.endMs[place]!) > fromMs;
        const inRange = await readSamples(tx, patientId, id, range);
        const columns = ["startMs", "endMs", "values", "offsetMinutes", "flags"] as const;
        for (const name of columns) expect([...(found.get(id)?.[name] ?? [])], `${round} ${name}`).toEqual([...[...before[name]].filter((_, place) => reaches(place)), ...inRange[name]]);
      }
    }
  });
});

it("sees nothing of another organization's patient", async () => {
  const other = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('B') returning id"))[0]!.id;
  const ids = (await db.asOwner<{ id: string }>("select id::text from series")).map(({ id }) => id);
  const range = { fromMs: 0, toMs: DAY + 100 * DAY_MS, limit: 10, instantMs: INSTANT_MS };
  expect((await db.database.withOrganization(other, (tx) => readMany(tx, patientId, ids, range))).size).toBe(0);
  expect(await db.database.withOrganization(other, (tx) => listSeriesWithNewest(tx, patientId))).toEqual([]);
});
