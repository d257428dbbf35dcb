/** Folding and its verification as an operator lives with them: killed at every statement, run beside writers, and asked whether all is well. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SampleRecord } from "#driver/records.ts";
import { ingest } from "#ingest/ingest.ts";
import { foldNews, foldSettled } from "#samples/store/fold.ts";
import { verifySamples, type BlockFault, type Verified } from "#samples/store/verify.ts";
import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

const DAY = Date.UTC(2025, 2, 3);
const NOW = DAY + 30 * DAY_MS;
const CHILD = fileURLToPath(new URL("kit/fold-process.ts", import.meta.url));

let db: TestDatabase;
let organizationId: string;
let patientId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  organizationId = (await db.asOwner<{ id: string }>("insert into organizations (name) values ('A') returning id"))[0]!.id;
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.asOwner("truncate patients, series, samples, day_blocks, changes, fold_mark cascade");
  patientId = (await db.asOwner<{ id: string }>("insert into patients (organization_id, display_name) values ($1, 'P') returning id", [organizationId]))[0]!.id;
});

/** One reading in one delivery: what comes so is a row, however old. */
const takeOne = async (deliveryId: number, startMs: number, value: number, metric: SampleRecord["metric"] = "glucose"): Promise<void> => {
  const record: SampleRecord = { record: "sample", metric, startMs, value, offsetMinutes: 60 };
  await db.database.withOrganization(organizationId, (tx) => ingest(tx, { organizationId, patientId, connectionId: null, provider: "fake", deliveryId: String(deliveryId) }, [record]));
};
const take = async (day: number, count: number, metric?: SampleRecord["metric"]): Promise<void> => {
  for (let index = 0; index < count; index += 1) await takeOne(index + 1, DAY + day * DAY_MS + index * 5 * MINUTE_MS, 70 + index + day, metric);
};
const everything = () => db.ofSamples("select series_id, start_at, value, delivery_id, offset_minutes, flags from samples order by 1, 2");
const forms = async (): Promise<{ rows: number; blocks: number }> =>
  (await db.asOwner<{ rows: number; blocks: number }>("select (select count(*)::int from samples) as rows, (select count(*)::int from day_blocks) as blocks"))[0]!;

/** Folds in a child; gives what it said, or null where it was killed. */
async function foldApart(kill?: { at: number; when: "before" | "sent" }): Promise<{ days: number; statements: number } | null> {
  const child = spawn(process.execPath, [CHILD], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], DATABASE_URL: db.appUrl, NOW_MS: String(NOW), ...(kill ? { KILL_AT: String(kill.at), KILL_WHEN: kill.when } : {}) },
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (signal === "SIGKILL") return null;
  expect(code).toBe(0);
  return JSON.parse(said) as { days: number; statements: number };
}

describe("folding", () => {
  it("[ST-01, R8] killed at any statement, before or after it went out, leaves every sample as it was, once, and is finished by the next", { timeout: 180_000 }, async () => {
    const deaths = { before: 0, sent: 0 };
    for (const when of ["before", "sent"] as const) {
      for (let at = 1; ; at += 1) {
        await db.asOwner("truncate series, samples, day_blocks, changes cascade");
        await take(0, 9);
        await take(1, 8, "heart_rate");
        const before = await everything();
        const ended = await foldApart({ at, when });
        expect(await everything(), `${when} statement ${at}`).toEqual(before);
        if (ended) break;
        deaths[when] += 1;
        // Late: for a day that is folded, half folded or not folded.
        await takeOne(50, DAY + 3 * MINUTE_MS, 120);
        await foldSettled(db.database, { nowMs: NOW });
        expect((await everything()).length, `after ${when} statement ${at}`).toBe(before.length + 1);
        expect(await forms()).toEqual({ rows: 0, blocks: 2 });
        expect((await verified()).faults).toEqual([]);
      }
    }
    // Each transaction has its begin, its work and its commit.
    expect(Math.min(deaths.before, deaths.sent)).toBeGreaterThanOrEqual(10);
  });

  it("by several at once, while samples come late, loses and doubles nothing", async () => {
    for (let day = 0; day < 4; day += 1) await take(day, 12);
    const late = Array.from({ length: 24 }, (_, index) => takeOne(100 + index, DAY + (index % 4) * DAY_MS + (2 + 10 * Math.floor(index / 4)) * MINUTE_MS, 99));
    await Promise.all([foldApart(), foldApart(), foldSettled(db.database, { nowMs: NOW }), ...late]);
    await foldSettled(db.database, { nowMs: NOW });
    expect(await forms()).toEqual({ rows: 0, blocks: 4 });
    const all = await everything();
    expect(all).toHaveLength(4 * 12 + 24);
    expect(new Set(all.map(({ start_at: at }) => at)).size).toBe(all.length);
  });

  it("takes in a row that a writer left beside a block because it had seen none", async () => {
    await take(0, 9);
    await take(1, 3);
    await foldSettled(db.database, { nowMs: NOW });
    await db.asOwner(
      `insert into samples (organization_id, patient_id, series_id, start_at, value, delivery_id, offset_minutes)
       select organization_id, patient_id, series_id, day::timestamp at time zone 'UTC' + interval '1 minute', 88, 60, 60 from day_blocks`,
    );
    const before = await everything();
    expect(before).toHaveLength(13);
    expect(await forms()).toEqual({ rows: 4, blocks: 1 });
    expect(await foldSettled(db.database, { nowMs: NOW })).toBe(1);
    expect(await forms()).toEqual({ rows: 3, blocks: 1 });
    expect(await everything()).toEqual(before);
    expect(await foldSettled(db.database, { nowMs: NOW })).toBe(0);
  });

  it("goes on where the last look ended, but for the month before; everything only when asked", async () => {
    const fold = (nowMs: number): Promise<number> => foldNews(db.database, { nowMs });
    await take(0, 9);
    expect(await fold(NOW)).toBe(1);
    await take(1, 9);
    expect(await fold(NOW + DAY_MS)).toBe(1);
    await take(2, 9);
    expect(await fold(NOW + 60 * DAY_MS)).toBe(1);
    await take(3, 9);
    expect(await fold(NOW + 61 * DAY_MS)).toBe(0);
    expect(await forms()).toEqual({ rows: 9, blocks: 3 });
    expect(await foldSettled(db.database, { nowMs: NOW })).toBe(1);
  });

  it("that is told to stop leaves the mark where it was", async () => {
    await take(0, 9);
    expect(await foldNews(db.database, { nowMs: NOW, signal: AbortSignal.abort() })).toBe(0);
    expect(await db.asOwner("select 1 from fold_mark")).toEqual([]);
  });
});

async function verified(): Promise<{ total: Verified; faults: BlockFault[] }> {
  const faults: BlockFault[] = [];
  return { total: await verifySamples(db.database, { onFault: (fault) => faults.push(fault) }), faults };
}

describe("the recount of the blocks", () => {
  it("counts what rests in which form", async () => {
    await take(0, 9);
    await take(1, 10);
    await take(2, 3);
    await foldSettled(db.database, { nowMs: NOW });
    const { total, faults } = await verified();
    expect(faults).toEqual([]);
    expect(total).toMatchObject({ patients: 1, blocks: 2, packedSamples: 19, rows: 3, faults: 0 });
    expect(total.blockBytes).toBe((await db.asOwner<{ n: number }>("select sum(length(data))::int as n from day_blocks"))[0]!.n);
  });

  it.each([
    ["count = count + 1", "it says 10 samples and holds 9"],
    ["sum = sum + 1, max = 500", "its max, sum are not those of its samples"],
    ["first_ms = 1, last_ms = 1, reach_ms = 1", "its firstMs, lastMs, reachMs are not those of its samples"],
    ["day = day + 1", "a sample starts on another day"],
    ["data = substring(data for 20)", "its bytes do not unpack"],
    ["data = ''", "its bytes do not unpack"],
  ])("finds a block that was spoilt: %s", async (spoil, fault) => {
    await take(0, 9);
    await take(3, 9);
    await foldSettled(db.database, { nowMs: NOW });
    await db.asOwner(`update day_blocks set ${spoil} where day = '2025-03-06'`);
    const { total, faults } = await verified();
    expect(total).toMatchObject({ blocks: 2, faults: 1 });
    expect(faults).toEqual([expect.objectContaining({ patientId, fault })]);
  });
});
