/** The rows of `vendor_states`: until when a vendor is left alone, and its circuit. What was read is believed for a second. */
import type { Database, Tx } from "#db/database.ts";
import { afterCalls, type Circuit } from "#http/circuit.ts";
import { createBoundedMap } from "#http/rate-limiter.ts";
import type { CallScope } from "#http/types.ts";
import { ProviderResting } from "../errors.ts";
import type { VendorGateParts } from "./vendor-gate.ts";

/** How long another process's word may take to count here. */
const BELIEVED_MS = 1_000;
/** Answers that are told together; a failure is told at once. */
const TOLD_TOGETHER = 10;
/** For so long one caller alone tries whether the vendor is back. */
const PROBE_MS = 120_000;
const MOST_STATES = 50_000;
const APP = "app";

interface State {
  readonly readMs: number;
  readonly heldMs: number;
  readonly circuit: Circuit;
}

interface StateRow {
  held_until: number | null; outcomes: string; opened: number; retry_at: number | null; probe_until: number | null;
}

export interface VendorStates {
  /** Until when nobody calls, UTC epoch milliseconds; 0 when nothing holds. */
  heldUntilMs(scope: CallScope): Promise<number>;
  admit(scope: CallScope): Promise<void>;
  report(scope: CallScope, isAnswered: boolean): Promise<number | null>;
  penalize(scope: CallScope, untilMs: number): Promise<void>;
}

export function createVendorStates({ database, clock, random, limitsOf, hasOwnDoors }: VendorGateParts): VendorStates {
  const known = createBoundedMap<State>(MOST_STATES, ({ readMs }) => readMs + BELIEVED_MS < clock.now());
  const untold = createBoundedMap<string>(MOST_STATES, () => false);
  const keyOf = (provider: string, whom: string): string => JSON.stringify([provider, whom]);

  async function look(provider: string, whom: string): Promise<State> {
    const key = keyOf(provider, whom);
    const earlier = known.get(key);
    if (earlier && clock.now() - earlier.readMs < BELIEVED_MS) return earlier;
    const row = await database.asSystem((tx) => readState(tx, provider, whom));
    const state = { readMs: clock.now(), heldMs: row?.held_until ?? 0, circuit: circuitOf(row) };
    known.set(key, state);
    return state;
  }

  const forget = (provider: string, whom: string): void => known.set(keyOf(provider, whom), { readMs: Number.NEGATIVE_INFINITY, heldMs: 0, circuit: circuitOf(undefined) });
  /** Whose trouble a failure is: the vendor's; null where each connection has a server of its own, for which its own back-off is enough. */
  const doorOf = ({ provider }: CallScope): string | null => (hasOwnDoors(provider) ? null : APP);
  const heldAs = (scope: CallScope): string => whomOf(scope, limitsOf(scope.provider).some((limit) => limit.scope === "connection"));

  return {
    async heldUntilMs(scope) {
      const ofApp = (await look(scope.provider, APP)).heldMs;
      const whom = heldAs(scope);
      return whom === APP ? ofApp : Math.max(ofApp, (await look(scope.provider, whom)).heldMs);
    },

    async admit(scope) {
      const door = doorOf(scope);
      if (door === null || (await look(scope.provider, door)).circuit.retryMs === null) return;
      const row = await tryProbe(database, scope.provider, door, clock.now());
      if (row === "probe" || row === "closed") return;
      throw new ProviderResting(`${scope.provider} failed too often and is left alone until ${new Date(row.retryMs).toISOString()}.`, row.retryMs);
    },

    async report(scope, isAnswered) {
      const door = doorOf(scope);
      if (door === null) return null;
      const key = keyOf(scope.provider, door);
      const outcomes = (untold.get(key) ?? "") + (isAnswered ? "1" : "0");
      const isOpen = known.get(key)?.circuit.retryMs != null;
      untold.set(key, outcomes);
      if (isAnswered && !isOpen && outcomes.length < TOLD_TOGETHER) return null;
      untold.set(key, "");
      const { retryMs } = await tell(database, { provider: scope.provider, whom: door, outcomes }, { nowMs: clock.now(), random: random() });
      forget(scope.provider, door);
      return retryMs;
    },

    async penalize(scope, untilMs) {
      const whom = heldAs(scope);
      await database.asSystem((tx) =>
        tx.query(
          `insert into vendor_states as s (provider, whom, held_until, updated_at) values ($1, $2, to_timestamp($3::float8 / 1000), to_timestamp($4::float8 / 1000))
           on conflict (provider, whom) do update set held_until = greatest(s.held_until, excluded.held_until), updated_at = excluded.updated_at`,
          [scope.provider, whom, untilMs, clock.now()],
        ),
      );
      forget(scope.provider, whom);
    },
  };
}

/** Whom a 429 holds back: the connection alone where the vendor counts by connection, otherwise everybody. */
export function whomOf({ connectionId }: CallScope, countsByConnection: boolean): string {
  return countsByConnection ? (connectionId ?? APP) : APP;
}

async function readState(tx: Tx, provider: string, whom: string): Promise<StateRow | undefined> {
  return (await tx.prepared<StateRow>("vendor_state", "select held_until, outcomes, opened, retry_at, probe_until from vendor_states where provider = $1 and whom = $2", [provider, whom]))[0];
}

function circuitOf(row: StateRow | undefined): Circuit {
  return { outcomes: row?.outcomes ?? "", opened: row?.opened ?? 0, retryMs: row?.retry_at ?? null };
}

/** Whether this caller may try; otherwise when to come again. */
async function tryProbe(database: Database, provider: string, whom: string, nowMs: number): Promise<"probe" | "closed" | { readonly retryMs: number }> {
  return database.asSystem(async (tx) => {
    const mine = await tx.query(
      `update vendor_states set probe_until = to_timestamp(($3::float8 + ${PROBE_MS}) / 1000)
       where provider = $1 and whom = $2 and retry_at <= to_timestamp($3::float8 / 1000)
         and (probe_until is null or probe_until <= to_timestamp($3::float8 / 1000)) returning 1`,
      [provider, whom, nowMs],
    );
    if (mine.length > 0) return "probe";
    const row = await readState(tx, provider, whom);
    if (row?.retry_at == null) return "closed";
    return { retryMs: Math.max(row.retry_at, row.probe_until ?? 0) };
  });
}

async function tell(
  database: Database, { provider, whom, outcomes }: { readonly provider: string; readonly whom: string; readonly outcomes: string }, now: { readonly nowMs: number; readonly random: number },
): Promise<Circuit> {
  return database.asSystem(async (tx) => {
    await tx.query("insert into vendor_states (provider, whom) values ($1, $2) on conflict do nothing", [provider, whom]);
    const [row] = await tx.query<StateRow>("select held_until, outcomes, opened, retry_at, probe_until from vendor_states where provider = $1 and whom = $2 for update", [provider, whom]);
    const next = afterCalls(circuitOf(row), outcomes, now);
    await tx.query(
      `update vendor_states set outcomes = $3, opened = $4, retry_at = to_timestamp($5::float8 / 1000), updated_at = to_timestamp($6::float8 / 1000),
              probe_until = case when retry_at is not distinct from to_timestamp($5::float8 / 1000) then probe_until end
       where provider = $1 and whom = $2`,
      [provider, whom, next.outcomes, next.opened, next.retryMs, now.nowMs],
    );
    return next;
  });
}
