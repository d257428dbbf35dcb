/** A recount of every block: what its bytes hold against what its columns say, and against what a day of samples can be. */
import type { Database, Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { summaryOf, type BlockSummary } from "./blocks.ts";
import { decodeDay, type DaySamples } from "./codec.ts";
import { allPatients } from "./fold.ts";

/** A block that is not what it should be; without a measured value in it. */
export interface BlockFault {
  readonly patientId: string;
  readonly seriesId: string;
  /** UTC date. */
  readonly day: string;
  readonly fault: string;
}

export interface Verified {
  readonly patients: number;
  readonly blocks: number;
  readonly packedSamples: number;
  /** Samples that rest as rows. */
  readonly rows: number;
  readonly blockBytes: number;
  readonly faults: number;
}

const BLOCKS_AT_ONCE = 2_000;

interface BlockRow {
  readonly series_id: string; readonly day: number; readonly count: number; readonly first_ms: number; readonly last_ms: number; readonly reach_ms: number;
  readonly min: number; readonly max: number; readonly sum: number; readonly data: Buffer;
}

/** Checks all blocks, of one patient when given. Each is read once; nothing is changed. `onFault` hears of each that is wrong. */
export async function verifySamples(database: Database, options: { patient?: { organizationId: string; patientId: string }; onFault: (fault: BlockFault) => void }): Promise<Verified> {
  const total = { patients: 0, blocks: 0, packedSamples: 0, rows: 0, blockBytes: 0, faults: 0 };
  const owners = options.patient ? [options.patient] : allPatients(database);
  for await (const { organizationId, patientId } of owners) {
    total.patients += 1;
    let after = { series_id: "0", day: 0 };
    for (;;) {
      const rows = await database.withOrganization(organizationId, (tx) => readAfter(tx, patientId, after));
      for (const row of rows) {
        total.blocks += 1;
        total.packedSamples += row.count;
        total.blockBytes += row.data.length;
        const fault = faultOf(row);
        if (fault === null) continue;
        total.faults += 1;
        options.onFault({ patientId, seriesId: row.series_id, day: new Date(row.day * DAY_MS).toISOString().slice(0, 10), fault });
      }
      if (rows.length < BLOCKS_AT_ONCE) break;
      after = rows.at(-1)!;
    }
    const [hot] = await database.withOrganization(organizationId, (tx) => tx.query<{ n: number }>("select count(*)::int as n from samples where patient_id = $1", [patientId]));
    total.rows += hot!.n;
  }
  return total;
}

async function readAfter(tx: Tx, patientId: string, after: { series_id: string; day: number }): Promise<BlockRow[]> {
  return tx.query<BlockRow>(
    `select series_id::text, day - date '1970-01-01' as day, count, first_ms, last_ms, reach_ms, min, max, sum, data from day_blocks b
     where patient_id = $1 and (b.series_id, b.day) > ($2::bigint, date '1970-01-01' + $3::int) order by b.series_id, b.day limit ${BLOCKS_AT_ONCE}`,
    [patientId, after.series_id, after.series_id === "0" ? -700_000 : after.day],
  );
}

/** What is wrong with a block; null when nothing is. */
function faultOf(row: BlockRow): string | null {
  let samples: DaySamples;
  try {
    samples = decodeDay(row.data);
  } catch (error) {
    if (error instanceof RangeError) return "its bytes do not unpack";
    throw error;
  }
  const { startMs, endMs, values } = samples;
  if (values.length !== row.count) return `it says ${row.count} samples and holds ${values.length}`;
  const dayMs = row.day * DAY_MS;
  for (let index = 0; index < startMs.length; index += 1) {
    if (!(startMs[index]! >= dayMs && startMs[index]! < dayMs + DAY_MS)) return "a sample starts on another day";
    if (index > 0 && startMs[index]! <= startMs[index - 1]!) return "its samples do not ascend";
    if (endMs[index]! < startMs[index]!) return "a sample ends before it starts";
    if (!Number.isFinite(values[index]!)) return "a value is no number";
  }
  const recounted = summaryOf({ dayMs, samples });
  const told: BlockSummary = { firstMs: row.first_ms, lastMs: row.last_ms, reachMs: row.reach_ms, min: row.min, max: row.max, sum: row.sum };
  const wrong = (Object.keys(recounted) as (keyof BlockSummary)[]).filter((name) => recounted[name] !== told[name]);
  return wrong.length === 0 ? null : `its ${wrong.join(", ")} are not those of its samples`;
}
