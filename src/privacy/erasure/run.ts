/**
 * Carrying an erasure out: named steps, each safe to repeat, the next one written down before it begins. Who was killed leaves it to the next worker, who goes
 * on at that step (faults PR-01, PR-02). A legal hold stops it between two steps; a vendor that is away keeps back the last of them alone.
 */
import type { Tx } from "#db/database.ts";
import { MINUTE_MS } from "#units/time.ts";
import { errorCode } from "../../errors.ts";
import type { PrivacyContext } from "../context.ts";
import { isHeld } from "../holds.ts";
import type { Subject } from "../package/rows.ts";
import { LeaseLost, NotYet } from "./not-yet.ts";
import { STEPS, STEP_WORK, type StepName } from "./steps.ts";

const LEASE_MS = 2 * MINUTE_MS;
const AGAIN_AFTER_MS = MINUTE_MS;
const LATEST_AGAIN_MS = 60 * MINUTE_MS;

/** An erasure in one worker's hands. */
export interface ErasureRun {
  readonly context: PrivacyContext;
  readonly id: string;
  readonly organizationId: string;
  /** The account only where it is nothing but the patient's: who also works here stays as who works here. */
  readonly subject: Subject;
  readonly askedMs: number;
  readonly begunMs: number;
  readonly signal: AbortSignal;
  /** Adds to the counts in the transaction that deletes, and renews the lease. Throws LeaseLost. */
  count(tx: Tx, name: string, count: number): Promise<void>;
}

/** Where a test may look in, or pull the plug. */
export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onStep?: (step: StepName) => Promise<void> | void;
}

/** Goes on with an erasure from where it is, as far as it goes. Gives what became of it. */
export async function runErasure(context: PrivacyContext, id: string, { signal, onStep }: RunOptions): Promise<"done" | "later" | "not_due"> {
  const { sync } = context;
  const claimed = await claim(context, id);
  if (!claimed) return "not_due";
  const { leaseId, step: first, ...rest } = claimed;
  const run: ErasureRun = {
    ...rest, context, id, signal,
    count: async (tx, name, count) => {
      const held = await tx.query(
        `update erasures set counts = case when $3 = 0 then counts else jsonb_set(counts, array[$2], to_jsonb(coalesce((counts ->> $2)::bigint, 0) + $3::bigint)) end,
                lease_until = to_timestamp(($4::float8 + ${LEASE_MS}) / 1000) where id = $1 and lease_id = $5 returning 1`, [id, name, count, sync.clock.now(), leaseId],
      );
      if (held.length === 0) throw new LeaseLost("Another worker goes on with the erasure.");
    },
  };
  try {
    for (const step of STEPS.slice(STEPS.indexOf(first))) {
      if (!(await enter(context, { id, leaseId, step }))) throw new LeaseLost("The erasure is somebody else's, or on hold.");
      await onStep?.(step);
      signal.throwIfAborted();
      await STEP_WORK[step](run);
    }
    return "done";
  } catch (error) {
    await giveBack(context, { id, leaseId }, error);
    if (error instanceof NotYet || error instanceof LeaseLost || signal.aborted) return "later";
    sync.log.warn({ erasure: id, error }, "an erasure met an error; it goes on later");
    throw error;
  }
}

interface Claimed {
  readonly leaseId: string;
  readonly step: StepName;
  readonly organizationId: string;
  readonly subject: Subject;
  readonly askedMs: number;
  readonly begunMs: number;
}

async function claim({ sync: { database, clock } }: PrivacyContext, id: string): Promise<Claimed | null> {
  const [row] = await database.asSystem((tx) => tx.query<{
    lease_id: string; step: StepName; organization_id: string; patient_id: string; user_id: string | null; asked_at: number; begun_at: number;
  }>(
    `update erasures e set state = 'running', step = coalesce(e.step, $3), tries = e.tries + 1, begun_at = coalesce(e.begun_at, to_timestamp($2::float8 / 1000)), lease_id = gen_random_uuid(),
            lease_until = to_timestamp(($2::float8 + ${LEASE_MS}) / 1000)
     where e.id = $1 and e.state in ('waiting', 'running') and e.begins_at <= to_timestamp($2::float8 / 1000) and (e.lease_until is null or e.lease_until <= to_timestamp($2::float8 / 1000))
       and not ${isHeld("e.patient_id")}
     returning e.lease_id, e.step, e.organization_id, e.patient_id, e.asked_at, e.begun_at,
       (select u.id from users u where u.id = e.user_id and u.roles <@ array['patient', 'follower']) as user_id`,
    [id, clock.now(), STEPS[0]],
  ));
  if (!row) return null;
  return {
    leaseId: row.lease_id, step: row.step, organizationId: row.organization_id, subject: { patientId: row.patient_id, userId: row.user_id }, askedMs: row.asked_at, begunMs: row.begun_at,
  };
}

/** Writes down what is done next. False when it must not go on. */
async function enter({ sync: { database, clock } }: PrivacyContext, { id, leaseId, step }: { readonly id: string; readonly leaseId: string; readonly step: StepName }): Promise<boolean> {
  const rows = await database.asSystem((tx) => tx.query(
    `update erasures e set step = $3, lease_until = to_timestamp(($4::float8 + ${LEASE_MS}) / 1000) where e.id = $1 and e.lease_id = $2 and not ${isHeld("e.patient_id")} returning 1`,
    [id, leaseId, step, clock.now()],
  ));
  return rows.length === 1;
}

async function giveBack({ sync: { database, clock } }: PrivacyContext, { id, leaseId }: { readonly id: string; readonly leaseId: string }, error: unknown): Promise<void> {
  const code = error instanceof NotYet ? "vendors_away" : errorCode(error);
  await database.asSystem((tx) => tx.query(
    `update erasures set error = $3, lease_id = null, lease_until = null,
            next_at = to_timestamp(($4::float8 + least(${LATEST_AGAIN_MS}, ${AGAIN_AFTER_MS} * power(2, least(tries, 10) - 1))) / 1000) where id = $1 and lease_id = $2`,
    [id, leaseId, code, clock.now()],
  ));
}

/** Erasures whose time has come, or whose worker was lost. */
export async function erasuresDue({ sync: { database, clock } }: PrivacyContext): Promise<string[]> {
  const rows = await database.asSystem((tx) => tx.query<{ id: string }>(
    `select e.id from erasures e where e.state in ('waiting', 'running') and e.next_at <= to_timestamp($1::float8 / 1000) and (e.lease_until is null or e.lease_until <= to_timestamp($1::float8 / 1000))
       and not ${isHeld("e.patient_id")} order by e.next_at limit 500`, [clock.now()],
  ));
  return rows.map(({ id }) => id);
}
