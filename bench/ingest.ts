/**
 * Samples a second through the whole path — vendor JSON, inbox commit, map, validate, upsert, change feed, commit — against COPY of the same
 * rows into a table of the same shape and index, in the same run. A Dexcom record gives two samples (value and trend rate).
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { listSeries } from "#samples/series.ts";
import { readSamples } from "#samples/store.ts";
import { processNow } from "#sync/process.ts";
import type { Window } from "#units/time.ts";
import { atLeast, median, told, type Figure } from "./figure.ts";
import { dexcomPage, layGround, type Ground } from "./ground.ts";

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
      const copied = await copyOf(owner, ground, { fromMs: from, toMs: from + PAGES * RECORDS * 300_000 });
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

async function path(ground: Ground, pages: readonly Uint8Array[]): Promise<{ samples: number; seconds: number }> {
  const { sync } = ground.app;
  const begun = performance.now();
  let samples = 0;
  for (const body of pages) {
    const { id } = await sync.inbox.accept({ provider: "dexcom", via: "pull", resource: "egvs", body, headers: {}, owner: ground.connection, causedBy: null, dedupeKey: null });
    samples += (await processNow(sync, [id], new AbortController().signal)).samples;
  }
  return { samples, seconds: (performance.now() - begun) / 1000 };
}

/** COPY speed, samples/s, of all stored rows of a stretch into an empty table of the same shape and index: what an app would do at its best. */
async function copyOf(owner: pg.Client, ground: Ground, stretch: Window): Promise<number> {
  const { organizationId, patientId } = ground.connection;
  const lines = await ground.database.withOrganization(organizationId, async (tx) => {
    const all: string[] = [];
    for (const { id } of await listSeries(tx, patientId)) {
      const { startMs, values, offsetMinutes, flags } = await readSamples(tx, patientId, id, { ...stretch, limit: Number.MAX_SAFE_INTEGER });
      startMs.forEach((ms, index) => all.push(`${organizationId},${patientId},${id},${new Date(ms).toISOString()},,${values[index]},1,${offsetMinutes[index] ?? ""},${flags[index]}`));
    }
    return all;
  });
  const file = join(ground.folder, "copy.csv");
  await writeFile(file, lines.join("\n") + "\n", { mode: 0o644 });
  await owner.query("drop table if exists bench_copy");
  await owner.query("create table bench_copy (like samples including all)");
  await owner.query("checkpoint");
  const begun = performance.now();
  await owner.query(`copy bench_copy from '${file}' with (format csv)`);
  return lines.length / ((performance.now() - begun) / 1000);
}
