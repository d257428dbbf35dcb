/** What was tried, as PostgreSQL remembers it for all processes: each attempt is counted before its hash is compared, so that many at once do not slip through. */
import type { Tx } from "#db/database.ts";
import { DAY_MS } from "#units/time.ts";
import { afterFailure, afterSuccess, mayTry, noFailures, type Failures, type ThrottleKind } from "./throttle.ts";

/** The keys of one attempt: what it is counted under. */
export type AttemptKeys = Readonly<Partial<Record<ThrottleKind, Buffer>>>;

interface Row {
  readonly key: Buffer; readonly streak: number; readonly failures: number; readonly day_at: number; readonly last_at: number;
}

/** Counts the attempt as failed, if it may be made; false when it may not. */
export async function countAttempt(tx: Tx, keys: AttemptKeys, nowMs: number): Promise<boolean> {
  const past = await locked(tx, keys, nowMs);
  if (!mayTry({ past, nowMs })) return false;
  await write(tx, keys, Object.fromEntries(kindsOf(keys).map((kind) => [kind, afterFailure(kind, past[kind]!, nowMs)])));
  return true;
}

/** Takes back what was counted, when the attempt turned out right. */
export async function forgiveAttempt(tx: Tx, keys: AttemptKeys, nowMs: number): Promise<void> {
  const past = await locked(tx, keys, nowMs);
  await write(tx, keys, Object.fromEntries(kindsOf(keys).map((kind) => [kind, afterSuccess(kind, past[kind]!)])));
}

/** Forgets everything under these keys: somebody has shown by mail who he is. */
export async function forgetAttempts(tx: Tx, keys: readonly Buffer[]): Promise<void> {
  await tx.query("delete from sign_in_failures where key = any($1)", [keys]);
}

/** Forgets keys that nothing was tried under for two days; gives how many. */
export async function forgetOldAttempts(tx: Tx, nowMs: number): Promise<number> {
  return (await tx.query("delete from sign_in_failures where last_at < to_timestamp($1::float8 / 1000) returning 1", [nowMs - 2 * DAY_MS])).length;
}

function kindsOf(keys: AttemptKeys): ThrottleKind[] {
  return Object.keys(keys) as ThrottleKind[];
}

/** In the order of their keys, so that two attempts wait for one another and never in a circle. */
async function locked(tx: Tx, keys: AttemptKeys, nowMs: number): Promise<Record<ThrottleKind, Failures>> {
  const sorted = Object.values(keys).toSorted((a, b) => Buffer.compare(a, b));
  const rows = await tx.query<Row>(
    `insert into sign_in_failures as f (key, day_at, last_at)
     select k, to_timestamp($2::float8 / 1000), to_timestamp($2::float8 / 1000) from unnest($1::bytea[]) as t (k)
     on conflict (key) do update set streak = f.streak returning key, streak, failures, day_at, last_at`, [sorted, nowMs],
  );
  return Object.fromEntries(kindsOf(keys).map((kind) => {
    const row = rows.find(({ key }) => key.equals(keys[kind]!));
    return [kind, row ? { streak: row.streak, failures: row.failures, dayMs: row.day_at, lastMs: row.last_at } : noFailures(nowMs)];
  })) as Record<ThrottleKind, Failures>;
}

async function write(tx: Tx, keys: AttemptKeys, next: Partial<Record<ThrottleKind, Failures>>): Promise<void> {
  const kinds = kindsOf(keys);
  await tx.query(
    `update sign_in_failures f set streak = n.streak, failures = n.failures, day_at = to_timestamp(n.day / 1000), last_at = to_timestamp(n.last / 1000)
     from unnest($1::bytea[], $2::int[], $3::int[], $4::float8[], $5::float8[]) as n (key, streak, failures, day, last) where f.key = n.key`,
    [kinds.map((kind) => keys[kind]), kinds.map((kind) => next[kind]!.streak), kinds.map((kind) => next[kind]!.failures), kinds.map((kind) => next[kind]!.dayMs), kinds.map((kind) => next[kind]!.lastMs)],
  );
}
