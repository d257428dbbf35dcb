/**
 * Samples a second through the whole path — vendor JSON, inbox commit, map, validate, upsert, change feed, commit — against COPY of the same
 * rows into a table of the same shape and index, in the same run. A Dexcom record gives two samples (value and trend rate).
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { processNow } from "#sync/process.ts";
import { atLeast, median, told, type Figure } from "./figure.ts";
import { dexcomPage, layGround } from "./ground.ts";

const PAGES = 12;
const RECORDS = 8_640; // 30 days, the vendor's longest window
const ROUNDS = 3;

export async function benchIngest(): Promise<Figure[]> {
  const ground = await layGround();
  const owner = new pg.Client({ connectionString: ground.ownerUrl });
  await owner.connect();
  try {
    const start = Date.UTC(2020, 0, 1);
    await path(ground, [dexcomPage(start - RECORDS * 300_000, RECORDS)]); // warm-up
    const ratios: number[] = [];
    const speeds: number[] = [];
    const copies: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = start + round * PAGES * RECORDS * 300_000;
      const pages = Array.from({ length: PAGES }, (_, index) => dexcomPage(from + index * RECORDS * 300_000, RECORDS));
      const { samples, seconds } = await path(ground, pages);
      const copied = await copyOfNewest(owner, ground.folder, samples);
      speeds.push(samples / seconds);
      copies.push(copied);
      ratios.push(samples / seconds / copied);
    }
    return [
      told("ingest: samples through the whole path", median(speeds), "samples/s"),
      told("ingest: COPY of the same rows, same run", median(copies), "samples/s"),
      atLeast("ingest: whole path against COPY", median(ratios), 4),
    ];
  } finally {
    await owner.end();
    await ground.close();
  }
}

async function path(ground: Awaited<ReturnType<typeof layGround>>, pages: readonly Uint8Array[]): Promise<{ samples: number; seconds: number }> {
  const { sync } = ground.app;
  const begun = performance.now();
  let samples = 0;
  for (const body of pages) {
    const { id } = await sync.inbox.accept({ provider: "dexcom", via: "pull", resource: "egvs", body, headers: {}, owner: ground.connection, causedBy: null, dedupeKey: null });
    samples += (await processNow(sync, [id], new AbortController().signal)).samples;
  }
  return { samples, seconds: (performance.now() - begun) / 1000 };
}

/** COPY speed, samples/s, of the newest `count` stored rows into an empty table of the same shape. */
async function copyOfNewest(owner: pg.Client, folder: string, count: number): Promise<number> {
  const { rows } = await owner.query<{ line: string }>(
    `select concat_ws(',', organization_id, patient_id, series_id, start_at, '', value, delivery_id, offset_minutes, flags) as line
     from samples order by delivery_id desc limit $1`, [count],
  );
  const file = join(folder, "copy.csv");
  await writeFile(file, rows.map((row) => row.line).join("\n") + "\n", { mode: 0o644 });
  await owner.query("drop table if exists bench_copy");
  await owner.query("create table bench_copy (like samples including all)");
  await owner.query("checkpoint");
  const begun = performance.now();
  await owner.query(`copy bench_copy from '${file}' with (format csv)`);
  return count / ((performance.now() - begun) / 1000);
}
