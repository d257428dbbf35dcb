/**
 * The reckoning: everything acknowledged against everything stored, by content. All rows are read in sequential scans, with every kind of index
 * scan off, and counted here: a broken unique index could neither hide a loss nor a duplicate (faults §4.2, set model).
 */
import pg from "pg";
import { decodeDay } from "#samples/store/codec.ts";
import { unpackBody } from "#inbox/body.ts";
import { METRICS } from "#units/metrics.ts";
import { accountOf, bodyOf, numberOf, PEOPLE, readingOf } from "./delivery.ts";
import { pause } from "./postgres.ts";
import type { World } from "./world.ts";

export interface Reckoning {
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged and not stored: must be 0. */
  readonly lost: number;
  /** Stored and never sent, or stored otherwise than sent: must be 0. */
  readonly unexpected: number;
  /** Stored more than once: must be 0. */
  readonly duplicates: number;
  /** Stored, and its sender never heard of it. Allowed: the sender would come again. */
  readonly unheard: number;
}

export interface Effects {
  /** Deliveries not done in the end: must be 0. */
  readonly unfinished: number;
  /** Readings of stored deliveries that are missing, have another value, stand there twice, or come of nothing: must be 0. */
  readonly missing: number;
  readonly wrong: number;
  readonly duplicates: number;
  readonly unexpected: number;
  readonly readings: number;
  /** Deliveries that took three workers down with them by chance, were buried, and revived by hand as an operator would. */
  readonly revived: number;
  readonly drainSeconds: number;
}

/** The vendor's empty answers to the worker are deliveries too, but nobody waits for an acknowledgement of those. */
const BODIES = "select body, body_encoding from deliveries where via = 'webhook'";
const PAGE = 20_000;

interface BodyRow {
  readonly body: Buffer;
  readonly body_encoding: string;
}

const DRAIN_LIMIT_MS = 15 * 60_000;

/** Stored deliveries against what was tried and acknowledged. */
export async function reckonDeliveries(world: World, sent: { readonly tried: ReadonlySet<number>; readonly acked: ReadonlySet<number> }): Promise<Reckoning> {
  const copies = new Map<number, number>();
  let unexpected = 0;
  await scan(world, BODIES, ({ body, body_encoding: encoding }: BodyRow) => {
    const text = unpackBody(encoding, body).toString();
    const n = Number(/"crash_n":(\d+)/.exec(text)?.[1] ?? Number.NaN);
    if (!sent.tried.has(n) || text !== bodyOf(n)) unexpected += 1;
    else copies.set(n, (copies.get(n) ?? 0) + 1);
  });
  return {
    acknowledged: sent.acked.size, stored: copies.size, unexpected,
    lost: [...sent.acked].filter((n) => !copies.has(n)).length,
    duplicates: [...copies.values()].reduce((sum, count) => sum + count - 1, 0),
    unheard: [...copies.keys()].filter((n) => !sent.acked.has(n)).length,
  };
}

/** Waits until every stored delivery is done, then compares the readings with what a run without any fault would have stored. */
export async function reckonEffects(world: World): Promise<Effects> {
  const startedMs = performance.now();
  const revived = await drained(world);
  const drainSeconds = (performance.now() - startedMs) / 1_000;
  const [left] = await world.ask<{ n: string }>("select count(*) as n from deliveries where state <> 'done'");
  const wanted = new Set<number>();
  await scan(world, BODIES, ({ body, body_encoding: encoding }: BodyRow) => {
    wanted.add(Number(/"crash_n":(\d+)/.exec(unpackBody(encoding, body).toString())![1]));
  });
  const personOf = new Map<string, number>();
  for (const { patient_id: id, vendor_user_id: account } of await world.ask<{ patient_id: string; vendor_user_id: string }>("select patient_id, vendor_user_id from connections")) {
    for (let person = 0; person < PEOPLE; person += 1) if (accountOf(person) === account) personOf.set(id, person);
  }
  const glucose = new Set((await world.ask<{ id: string }>("select id::text from series where metric = $1", [METRICS.glucose.id])).map(({ id }) => id));
  const counts = { wrong: 0, duplicates: 0, unexpected: 0, readings: 0 };
  const seen = new Set<number>();
  const reckon = (patient: string, series: string, ms: number, value: number): void => {
    const n = numberOf(personOf.get(patient) ?? Number.NaN, ms);
    counts.readings += 1;
    if (!wanted.has(n) || !glucose.has(series)) counts.unexpected += 1;
    else if (seen.has(n)) counts.duplicates += 1;
    else if (Math.abs(readingOf(n).value - value) > 1e-9) counts.wrong += 1;
    seen.add(n);
  };
  await scan(
    world, "select patient_id, series_id::text, extract(epoch from start_at)::float8 * 1000 as ms, value from samples",
    ({ patient_id: patient, series_id: series, ms, value }: { patient_id: string; series_id: string; ms: number; value: number }) => reckon(patient, series, Math.round(ms), value),
  );
  await scan(world, "select patient_id, series_id::text, data from day_blocks", ({ patient_id: patient, series_id: series, data }: { patient_id: string; series_id: string; data: Buffer }) => {
    const { startMs, values } = decodeDay(data);
    startMs.forEach((ms, index) => reckon(patient, series, ms, values[index]!));
  });
  return { ...counts, missing: [...wanted].filter((n) => !seen.has(n)).length, unfinished: Number(left!.n), revived, drainSeconds };
}

/** Gives the number that had to be revived. Ends after its limit: what is unfinished then is counted by the caller. */
async function drained(world: World): Promise<number> {
  const ids = new Set<string>();
  for (const deadline = performance.now() + DRAIN_LIMIT_MS; performance.now() < deadline; await pause(1_000)) {
    const dead = await world.ask<{ id: string }>(
      "update deliveries set state = 'pending', attempts = 0, available_at = now() where state = 'dead' and last_error in ('worker_lost', 'unavailable') returning id::text",
    );
    for (const { id } of dead) ids.add(id);
    // What failed because the database was away waits for its next try; the run need not.
    await world.ask("update deliveries set available_at = now() where state = 'failed' and last_error = 'unavailable' and available_at > now()");
    if ((await world.ask("select 1 from deliveries where state not in ('done', 'dead') limit 1")).length === 0) break;
  }
  return ids.size;
}

/** Reads all rows past every index, page by page. */
async function scan(world: World, sql: string, each: (row: never) => void): Promise<void> {
  const client = new pg.Client({ connectionString: world.cluster.ownerUrl });
  await client.connect();
  try {
    await client.query("begin");
    for (const kind of ["indexscan", "indexonlyscan", "bitmapscan"]) await client.query(`set local enable_${kind} = off`);
    const { rows: plan } = await client.query<{ "QUERY PLAN": string }>(`explain ${sql}`);
    if (plan.some((line) => /Index/.test(line["QUERY PLAN"]))) throw new Error("The reckoning would have read an index.");
    await client.query(`declare everything no scroll cursor for ${sql}`);
    for (;;) {
      const { rows } = await client.query(`fetch ${PAGE} from everything`);
      for (const row of rows) each(row as never);
      if (rows.length < PAGE) break;
    }
    await client.query("commit");
  } finally {
    await client.end();
  }
}
