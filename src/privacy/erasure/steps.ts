/** The steps of an erasure. Each may be begun again at any point: what is gone is not there to be deleted twice. */
import type { Tx } from "#db/database.ts";
import { audit } from "#people/audit/audit.ts";
import { endSessionsOf } from "#people/sessions/end-sessions.ts";
import { endConnection, lockConnection, type ConnectionRef } from "#sync/connections.ts";
import { rememberErased, type VendorAccount } from "#sync/erased-accounts.ts";
import { keepFarewell, sayFarewell } from "#sync/farewell.ts";
import { eraseTokens } from "#sync/sealed-tokens.ts";
import { deleteFiles, endExport } from "../package/exports.ts";
import { whose } from "../package/rows.ts";
import { ERASING_STEPS, NAMED_ELSEWHERE, TABLE_RULES, type ErasingStep, type TableRule } from "../tables.ts";
import { addToList } from "./list.ts";
import { deleteOwn, deleteUnmatched, emptyStrangers } from "./raw-deliveries.ts";
import { NotYet } from "./not-yet.ts";
import type { ErasureRun } from "./run.ts";

/**
 * In their order. `key` comes as early as it can: what the patient's data key sealed is noise from then on, in backups too. It waits for the vendors, who are
 * told with tokens that lie under it; where one is away, all else goes on, and `last_words` comes back to it.
 */
export const STEPS = ["list", "close", "vendors", "key", "deliveries", "measurements", "records", "derived", "queue", "exports", "last_words", "connections", "account", "afterwards"] as const;
export type StepName = (typeof STEPS)[number];

export const STEP_WORK: Readonly<Record<StepName, (run: ErasureRun) => Promise<void>>> = {
  list: ({ context, id, subject }) => addToList(context, id, subject.patientId),
  close,
  vendors: sayFarewells,
  key: async (run) => {
    if ((await farewellsLeft(run)).length === 0) await destroyKey(run);
  },
  deliveries: eraseDeliveries,
  measurements: (run) => eraseTables(run, "measurements"),
  records: (run) => eraseTables(run, "records"),
  derived: (run) => eraseTables(run, "derived"),
  queue: forgetJobs,
  exports: eraseExports,
  last_words: async (run) => {
    await sayFarewells(run);
    // Whoever tells vendors gives up after three days, and destroys what it took to tell them.
    if ((await farewellsLeft(run)).length > 0) throw new NotYet("A vendor that is to be told is away.");
    await destroyKey(run);
  },
  connections: eraseConnections,
  account: eraseAccount,
  afterwards,
};

function inOrganization<T>({ context, organizationId }: ErasureRun, work: (tx: Tx) => Promise<T>): Promise<T> {
  return context.sync.database.withOrganization(organizationId, work);
}

function asSystem<T>({ context }: ErasureRun, work: (tx: Tx) => Promise<T>): Promise<T> {
  return context.sync.database.asSystem(work);
}

async function accountsOf(run: ErasureRun): Promise<(VendorAccount & ConnectionRef & { readonly isOpen: boolean })[]> {
  const { patientId } = run.subject;
  const rows = await inOrganization(run, (tx) => tx.query<{ id: string; provider: string; vendor_user_id: string; is_open: boolean }>(
    "select id, provider, vendor_user_id, disconnected_at is null as is_open from connections where patient_id = $1 order by id", [patientId],
  ));
  return rows.map((row) => ({ organizationId: run.organizationId, patientId, connectionId: row.id, provider: row.provider, account: row.vendor_user_id, isOpen: row.is_open }));
}

/** From here on nothing more comes in and nobody looks any more: accounts remembered as erased, connections ended, sessions and grants gone. */
async function close(run: ErasureRun): Promise<void> {
  const { context, subject, id, organizationId } = run;
  const { sync } = context;
  const accounts = await accountsOf(run);
  await asSystem(run, (tx) => rememberErased(tx, sync, accounts, run.begunMs));
  for (const ref of accounts.filter(({ isOpen }) => isOpen)) {
    await inOrganization(run, async (tx) => {
      const connection = await lockConnection(tx, ref);
      await endConnection(tx, ref, { status: "disconnected", code: null, nowMs: sync.clock.now() });
      // Tokens that do not open cannot tell anybody anything; they go all the same.
      await keepFarewell(tx, sync, connection, await eraseTokens(tx, ref));
      await run.count(tx, "connections_ended", 1);
    });
  }
  await inOrganization(run, async (tx) => {
    const [own] = await tx.query<{ user_id: string | null }>("select user_id from patients where id = $1", [subject.patientId]);
    if (subject.userId !== null) await tx.query("update users set blocked_at = coalesce(blocked_at, to_timestamp($2::float8 / 1000)) where id = $1", [subject.userId, run.begunMs]);
    if (own?.user_id) await endSessionsOf(tx, own.user_id);
    await audit(tx, organizationId, { action: "erasure.begun", patientId: subject.patientId, objectType: "erasure", objectId: id });
  });
  await eraseTables(run, "access");
}

async function sayFarewells(run: ErasureRun): Promise<void> {
  for (const ref of await farewellsLeft(run)) {
    run.signal.throwIfAborted();
    await sayFarewell(run.context.sync, ref);
    await inOrganization(run, (tx) => run.count(tx, "vendors_told", 0));
  }
}

async function farewellsLeft(run: ErasureRun): Promise<ConnectionRef[]> {
  const { organizationId, subject: { patientId } } = run;
  const rows = await inOrganization(run, (tx) => tx.query<{ connection_id: string }>("select connection_id from farewells where patient_id = $1", [patientId]));
  return rows.map(({ connection_id: connectionId }) => ({ organizationId, patientId, connectionId }));
}

async function destroyKey(run: ErasureRun): Promise<void> {
  await eraseTable(run, TABLE_RULES.find(({ table }) => table === "patient_keys")!);
}

async function eraseDeliveries(run: ErasureRun): Promise<void> {
  const accounts = await accountsOf(run);
  for (let gone = 1; gone > 0; ) {
    run.signal.throwIfAborted();
    gone = await asSystem(run, async (tx) => {
      const count = await deleteOwn(tx, run.subject.patientId);
      await run.count(tx, "deliveries", count);
      return count;
    });
  }
  if (accounts.length === 0) return;
  await asSystem(run, async (tx) => run.count(tx, "deliveries", await deleteUnmatched(tx, accounts)));
  let isWaiting = false;
  for (let after: string | null = "0"; after !== null; ) {
    const from: string = after;
    const found = await asSystem(run, async (tx) => {
      const strangers = await emptyStrangers(tx, accounts, from);
      await run.count(tx, "bodies_emptied", strangers.emptied);
      return strangers;
    });
    isWaiting ||= found.waiting > 0;
    after = found.nextId;
  }
  // What waits to be taken apart is refused there; should that fail for good, it is looked for once more.
  if (isWaiting) await asSystem(run, (tx) => run.count(tx, "bodies_waiting", 0));
}

async function eraseTables(run: ErasureRun, step: ErasingStep): Promise<void> {
  for (const rule of TABLE_RULES.filter(({ erased }) => erased === step)) await eraseTable(run, rule);
}

const ROWS_AT_ONCE = 5_000;

/** All rows of the person, some thousands a transaction. */
async function eraseTable(run: ErasureRun, rule: TableRule): Promise<void> {
  const { table, bySystem } = rule;
  const { patientId, userId } = run.subject;
  const statement = `with gone as (delete from ${table} where ctid = any (array(
      select ctid from ${table} where ($1::uuid is null or $2::uuid is null or true) and (${whose(rule)}) limit ${ROWS_AT_ONCE})) returning 1) select count(*)::int as n from gone`;
  for (let gone = ROWS_AT_ONCE; gone === ROWS_AT_ONCE; ) {
    run.signal.throwIfAborted();
    gone = await (bySystem ? asSystem : inOrganization)(run, async (tx) => {
      const [row] = await tx.query<{ n: number }>(statement, [patientId, userId]);
      await run.count(tx, table, row!.n);
      return row!.n;
    });
  }
}

/** Jobs carry ids alone, and end by themselves; those that wait go now. */
async function forgetJobs(run: ErasureRun): Promise<void> {
  const { queue } = run.context;
  const gone = (await queue.forget?.("patientId", run.subject.patientId)) ?? 0;
  await asSystem(run, async (tx) => {
    await run.count(tx, "jobs", gone);
    await tx.query("update replays set filter = filter - 'patientId' where filter ->> 'patientId' = $1", [run.subject.patientId]);
  });
}

/** Keys first, so that a file that is left over by a crash is noise. */
async function eraseExports(run: ErasureRun): Promise<void> {
  const { patientId } = run.subject;
  const rows = await inOrganization(run, (tx) => tx.query<{ id: string }>("select id from data_exports where patient_id = $1", [patientId]));
  for (const { id } of rows) {
    await inOrganization(run, (tx) => endExport(tx, patientId, id));
    const files = await deleteFiles(run.context, id);
    await inOrganization(run, (tx) => run.count(tx, "export_files", files));
  }
  await eraseTables(run, "exports");
}

async function eraseConnections(run: ErasureRun): Promise<void> {
  const ids = (await accountsOf(run)).map(({ connectionId }) => connectionId);
  await asSystem(run, async (tx) => {
    for (const table of ["call_budgets", "vendor_states"]) {
      const gone = await tx.query(`delete from ${table} where whom = any($1::text[]) returning 1`, [ids]);
      await run.count(tx, table, gone.length);
    }
  });
  await eraseTables(run, "connections");
}

/** What is kept under an address or a national id, before there is an account or beside one. */
async function eraseByAddress(run: ErasureRun): Promise<void> {
  const { userId } = run.subject;
  if (userId === null) return;
  await asSystem(run, async (tx) => {
    const [person] = await tx.query<{ email: string | null; national_id_index: Buffer | null }>("select email, national_id_index from users where id = $1", [userId]);
    if (!person) return;
    for (const [table, column] of [["mails", "to_address"], ["registrations", "email"], ["invitations", "email"], ["account_links", "email"]] as const) {
      const gone = await tx.query(`delete from ${table} where ${column} = $1 returning 1`, [person.email]);
      await run.count(tx, table, gone.length);
    }
    const invited = await tx.query("delete from invitations where national_id_index = $1 returning 1", [person.national_id_index]);
    await run.count(tx, "invitations", invited.length);
  });
}

/** What came in while all this went on goes first; then who it was, and with it everything that led to them. */
async function eraseAccount(run: ErasureRun): Promise<void> {
  const { context, subject, id, organizationId } = run;
  for (const step of ERASING_STEPS.filter((each) => each !== "account")) {
    if (step === "deliveries") await eraseDeliveries(run);
    else await eraseTables(run, step);
  }
  const doneMs = context.sync.clock.now();
  await eraseByAddress(run);
  await inOrganization(run, async (tx) => {
    const [person] = await tx.query<{ email: string | null; is_verified: boolean; locale: "en" | "es" }>("select email, email_verified_at is not null as is_verified, locale from users where id = $1", [subject.userId]);
    const [own] = await tx.query<{ user_id: string | null }>("select user_id from patients where id = $1", [subject.patientId]);
    if (subject.userId !== null) for (const [table, column] of NAMED_ELSEWHERE) await tx.query(`update ${table} set ${column} = null where ${column} = $1`, [subject.userId]);
    // What others offered to share with the address.
    if (person?.email) await tx.query("delete from grant_offers where email = $1", [person.email]);
    for (const rule of TABLE_RULES.filter(({ erased }) => erased === "account")) {
      const [row] = await tx.query<{ n: number }>(
        `with gone as (delete from ${rule.table} where ($1::uuid is null or $2::uuid is null or true) and (${whose(rule)}) returning 1) select count(*)::int as n from gone`, [subject.patientId, subject.userId],
      );
      await run.count(tx, rule.table, row!.n);
    }
    if (own?.user_id && subject.userId === null) await tx.query("update users set roles = array_remove(roles, 'patient') where id = $1", [own.user_id]);
    const [row] = await tx.query<{ counts: Record<string, number> }>("select counts from erasures where id = $1", [id]);
    if (person?.email && person.is_verified && context.tellErased) {
      await context.tellErased(tx, { organizationId, email: person.email, locale: person.locale }, { erasureId: id, askedMs: run.askedMs, begunMs: run.begunMs, doneMs, counts: row!.counts });
    }
  });
}

/** What was taken in between two heartbeats and belongs to nobody now; then it is over. */
async function afterwards(run: ErasureRun): Promise<void> {
  const { organizationId, subject: { patientId }, id, context } = run;
  await asSystem(run, async (tx) => run.count(tx, "deliveries", await deleteOwn(tx, patientId)));
  await inOrganization(run, async (tx) => {
    await tx.query(
      `update erasures set state = 'done', step = null, user_id = null, asked_by = null, error = null, lease_id = null, lease_until = null, done_at = to_timestamp($2::float8 / 1000) where id = $1`,
      [id, context.sync.clock.now()],
    );
    await audit(tx, organizationId, { action: "erasure.done", patientId, objectType: "erasure", objectId: id });
  });
}
