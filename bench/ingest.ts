/**
 * Samples a second through the whole path — vendor JSON, inbox commit, map, validate, upsert, change feed, commit — against COPY of the same
 * rows into a narrow table with its index, in the same run. A Dexcom record gives two samples (value and trend rate).
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { listSeries } from "#samples/store/series.ts";
import { readSamples } from "#samples/store/store.ts";
import type { ConnectionRef } from "#sync/connections.ts";
import { processNow } from "#sync/process.ts";
import type { Window } from "#units/time.ts";
import { copyIn } from "./copy-in.ts";
import { atLeast, median, told, type Figure } from "./figure.ts";
import { dexcomPage, layGround, type Ground } from "./ground.ts";

const PAGES = 12;
const RECORDS = 8_640; // 30 days, the vendor's longest window
const ROUNDS = 3;
/** People whose past is fetched at the same time, as in a worker. */
const TOGETHER = 3;

export async function benchIngest(): Promise<Figure[]> {
  const ground = await layGround();
  const owner = new pg.Client({ connectionString: ground.ownerUrl });
  await owner.connect();
  try {
    const start = Date.UTC(2020, 0, 1);
    const people = [ground.connection, ...(await addDexcomPeople(ground, TOGETHER - 1))];
    await path(ground, people, [dexcomPage(start - RECORDS * 300_000, RECORDS)]); // warm-up
    const ratios: number[] = [];
    const speeds: number[] = [];
    const copies: number[] = [];
    const files: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = start + round * PAGES * RECORDS * 300_000;
      const pages = Array.from({ length: PAGES }, (_, index) => dexcomPage(from + index * RECORDS * 300_000, RECORDS));
      const { samples, seconds } = await path(ground, people, pages);
      const copied = await copyOf(owner, ground, people, { fromMs: from, toMs: from + PAGES * RECORDS * 300_000 });
      speeds.push(samples / seconds);
      copies.push(copied.sent);
      files.push(copied.file);
      ratios.push(samples / seconds / copied.sent);
    }
    return [
      told("ingest: samples through the whole path", median(speeds), "samples/s"),
      told("ingest: COPY of the same rows as an application sends them, same run", median(copies), "samples/s"),
      told("ingest: COPY of the same rows from a file of the server", median(files), "samples/s"),
      atLeast("ingest: whole path against COPY", median(ratios), 4),
    ];
  } finally {
    await owner.end();
    await ground.close();
  }
}

/** Takes the pages in, those of one person after the other, and several people at once as a worker does. */
async function path(ground: Ground, people: readonly ConnectionRef[], pages: readonly Uint8Array[]): Promise<{ samples: number; seconds: number }> {
  const { sync } = ground.app;
  const begun = performance.now();
  const backfill = async (owner: ConnectionRef, own: readonly Uint8Array[]): Promise<number> => {
    let samples = 0;
    for (const body of own) {
      const { id } = await sync.inbox.accept({ provider: "dexcom", via: "pull", resource: "egvs", body, headers: {}, owner, causedBy: null, dedupeKey: null });
      samples += (await processNow(sync, [id], new AbortController().signal)).samples;
    }
    return samples;
  };
  const counts = await Promise.all(people.map((owner, place) => backfill(owner, pages.filter((_, index) => index % people.length === place))));
  return { samples: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - begun) / 1000 };
}

async function addDexcomPeople({ database, connection: { organizationId } }: Ground, count: number): Promise<ConnectionRef[]> {
  return database.withOrganization(organizationId, async (tx) => {
    const people: ConnectionRef[] = [];
    for (let number = 0; number < count; number += 1) {
      const [patient] = await tx.query<{ id: string }>("insert into patients (organization_id, display_name) values ($1, $2) returning id", [organizationId, `Dexcom ${number}`]);
      const [connection] = await tx.query<{ id: string }>(
        "insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, 'dexcom', 'active', $3) returning id", [organizationId, patient!.id, `dexcom-${number}`],
      );
      people.push({ organizationId, patientId: patient!.id, connectionId: connection!.id });
    }
    return people;
  });
}

interface PlainRow {
  readonly seriesId: string;
  readonly ms: number;
  readonly value: number;
  readonly offsetMinutes: number | null;
  readonly flags: number;
}

/** Speeds, samples/s, of COPY of all stored rows of a stretch into an empty narrow table with its index: as an application sends it, and from a file of the server. */
async function copyOf(owner: pg.Client, ground: Ground, people: readonly ConnectionRef[], stretch: Window): Promise<{ sent: number; file: number }> {
  const rows: PlainRow[] = [];
  for (const { organizationId, patientId } of people) {
    await ground.database.withOrganization(organizationId, async (tx) => {
      for (const { id } of await listSeries(tx, patientId)) {
        const { startMs, values, offsetMinutes, flags } = await readSamples(tx, patientId, id, { ...stretch, limit: Number.MAX_SAFE_INTEGER });
        startMs.forEach((ms, index) => rows.push({ seriesId: id, ms, value: values[index]!, offsetMinutes: offsetMinutes[index] ?? null, flags: flags[index]! }));
      }
    });
  }
  const line = ({ seriesId, ms, value, offsetMinutes, flags }: PlainRow): string => `${seriesId},${new Date(ms).toISOString()},${value},1,${offsetMinutes ?? ""},${flags}`;
  const columns = "(series_id, start_at, value, delivery_id, offset_minutes, flags)";
  const fresh = async (): Promise<void> => {
    await owner.query("drop table if exists bench_copy");
    await owner.query("create table bench_copy (series_id bigint, start_at timestamptz, value double precision, delivery_id bigint, offset_minutes smallint, flags smallint, primary key (series_id, start_at))");
    await owner.query("checkpoint");
  };
  await fresh();
  const sentSeconds = await copyIn(owner, `bench_copy ${columns}`, rows, line);
  const file = join(ground.folder, "copy.csv");
  await writeFile(file, rows.map((row) => `${line(row)}\n`).join(""), { mode: 0o644 });
  await fresh();
  const begun = performance.now();
  await owner.query(`copy bench_copy ${columns} from '${file}' with (format csv)`);
  return { sent: rows.length / sentSeconds, file: rows.length / ((performance.now() - begun) / 1000) };
}
