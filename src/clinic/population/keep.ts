/**
 * The follower that keeps patients' lines. It reads the change feed as far as the follower that keeps their days has read it, and waits for the days of a patient to be
 * kept; beside the feed it goes by the clock, since at each local midnight the window moves. Killed anywhere, what was committed stands and the rest is still work. Any number
 * of workers may run: a row lock lets one of them read the feed, and one write a patient's lines.
 */
import type { Database, Tx } from "#db/database.ts";
import type { Driver } from "#driver/types.ts";
import { KINDS, touchedBy } from "#summaries/pending.ts";
import { METRICS } from "#units/metrics.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import { lookAgain, type Looking } from "../../look.ts";
import type { Line, Owner } from "./line.ts";
import { hideFromClinic, makeLines } from "./make-lines.ts";
import { addLineWork, readLines, writeLines } from "./store.ts";

const CHANGES_AT_ONCE = 5_000;
/** Patients of one transaction. */
const PATIENTS_AT_ONCE = 50;
/** Patients that are looked for at once. */
const FOUND_AT_ONCE = 500;
/** How often a worker looks for changes. */
const LOOK_EVERY_MS = 2_000;

export interface PopulationContext {
  readonly database: Database;
  readonly clock: Clock;
  /** Providers whose data only the person may see. */
  readonly hiddenProviders: readonly string[];
}

/** Of these drivers, those whose vendors let nobody but the person see their data. */
export function ownerOnlyProviders(drivers: readonly Pick<Driver, "id" | "brand">[]): string[] {
  return drivers.filter(({ brand }) => brand.isForOwnerOnly).map(({ id }) => id);
}

interface ChangeRow extends Owner {
  readonly transactionId: string; readonly id: string; readonly kind: string; readonly metric: number | null; readonly fromMs: number | null; readonly toMs: number | null;
}

/** Turns the next changes of glucose into work; gives how many were read. */
export async function followGlucose(database: Database): Promise<number> {
  return database.asSystem(async (tx) => {
    const [place] = await tx.query<{ transaction_id: string; id: string }>("select transaction_id::text, id::text from population_follower for update skip locked");
    if (!place) return 0;
    const rows = await tx.query<ChangeRow & Record<string, unknown>>(
      `select c.transaction_id::text as "transactionId", c.id::text, c.organization_id as "organizationId", c.patient_id as "patientId", c.kind, c.metric, c.from_at as "fromMs", c.to_at as "toMs"
       from changes c, summary_follower f where (c.transaction_id, c.id) > ($1::xid8, $2::bigint) and (c.transaction_id, c.id) <= (f.transaction_id, f.id)
       order by c.transaction_id, c.id limit ${CHANGES_AT_ONCE}`,
      [place.transaction_id, place.id],
    );
    const last = rows.at(-1);
    if (!last) return 0;
    const ours = rows.filter(({ kind, metric }) => (KINDS as readonly string[]).includes(kind) && (metric === null || metric === METRICS.glucose.id)).map(touchedBy);
    await addLineWork(tx, [...Map.groupBy(ours, ({ patientId }) => patientId).values()].map((changes) => ({ ...changes[0]!, fromMs: earliest(changes) })));
    await tx.query("update population_follower set transaction_id = $1::xid8, id = $2::bigint", [last.transactionId, last.id]);
    return rows.length;
  });
}

/** Null, which is the beginning of time, where one of them has it. */
function earliest(stretches: readonly { readonly fromMs: number | null }[]): number | null {
  return stretches.reduce<number | null>((least, { fromMs }) => (least === null || fromMs === null ? null : Math.min(least, fromMs)), Number.POSITIVE_INFINITY);
}

/** Patients whose lines are to be made anew, in the order of their ids after `after`: changed, and with their days kept; or over by the clock. */
export async function patientsToMake({ database, clock }: PopulationContext, after: string | null): Promise<Owner[]> {
  return database.asSystem((tx) =>
    tx.query<Owner & Record<string, unknown>>(
      `select distinct organization_id as "organizationId", patient_id as "patientId" from (
         select w.organization_id, w.patient_id from population_work w
         where not exists (select 1 from summary_work s where s.patient_id = w.patient_id and (s.metric is null or s.metric = $3))
         union all select organization_id, patient_id from population_states where due_at <= to_timestamp($2::float8 / 1000)) as waiting
       where $1::uuid is null or patient_id > $1 order by 2 limit ${FOUND_AT_ONCE}`,
      [after, clock.now(), METRICS.glucose.id],
    ),
  );
}

/** Makes the lines of some patients of one organization; those that another worker is at are left to it. */
export async function remakeLines({ database, clock, hiddenProviders }: PopulationContext, organizationId: string, patientIds: readonly string[]): Promise<void> {
  await database.withOrganization(organizationId, async (tx) => {
    await hideFromClinic(tx, hiddenProviders);
    const held = await hold(tx, organizationId, patientIds);
    if (held.length === 0) return;
    const nowMs = clock.now();
    const work = await takeWork(tx, held);
    const made = await makeLines(tx, held, { nowMs, reusable: reusableLines(await readLines(tx, held), work) });
    await writeLines(tx, organizationId, made, nowMs);
  });
}

/** Patients, without those who are being erased: of them nothing is kept any more. */
async function hold(tx: Tx, organizationId: string, patientIds: readonly string[]): Promise<string[]> {
  await tx.query(
    `insert into population_states (organization_id, patient_id, due_at) select $1, p.id, '-infinity' from patients p where p.id = any($2::uuid[]) order by p.id on conflict do nothing`, [organizationId, patientIds],
  );
  const rows = await tx.query<{ id: string }>(
    `select s.patient_id as id from population_states s where s.patient_id = any($1::uuid[])
       and not exists (select 1 from erasures e where e.patient_id = s.patient_id and e.state = 'running') order by s.patient_id for update skip locked`, [patientIds],
  );
  return rows.map(({ id }) => id);
}

/** Since when each patient's glucose has changed; null: since always. */
async function takeWork(tx: Tx, patientIds: readonly string[]): Promise<Map<string, number | null>> {
  const rows = await tx.query<{ patientId: string; fromMs: number | null }>(`delete from population_work where patient_id = any($1::uuid[]) returning patient_id as "patientId", from_at as "fromMs"`, [patientIds]);
  return new Map([...Map.groupBy(rows, ({ patientId }) => patientId)].map(([patientId, changes]) => [patientId, earliest(changes)]));
}

/** Lines whose days have not been touched. */
function reusableLines(kept: ReadonlyMap<string, readonly Line[]>, work: ReadonlyMap<string, number | null>): Map<string, readonly Line[]> {
  return new Map([...kept].filter(([patientId, [line]]) => {
    const changedMs = work.get(patientId);
    return line !== undefined && (changedMs === undefined || (changedMs !== null && changedMs >= line.toMs));
  }));
}

/** Follows to the end of the feed as it is now, and makes all lines that there are to make. Safe to repeat, to be killed, and beside others. */
export async function keepPopulation(context: PopulationContext, isStopping: () => boolean = () => false): Promise<void> {
  while (!isStopping() && (await followGlucose(context.database)) === CHANGES_AT_ONCE);
  for (let after: string | null = null; ; ) {
    const found = await patientsToMake(context, after);
    for (const [organizationId, patients] of Map.groupBy(found, (owner) => owner.organizationId)) {
      for (let from = 0; from < patients.length && !isStopping(); from += PATIENTS_AT_ONCE) {
        await remakeLines(context, organizationId, patients.slice(from, from + PATIENTS_AT_ONCE).map(({ patientId }) => patientId));
      }
    }
    after = found.at(-1)?.patientId ?? null;
    if (found.length < FOUND_AT_ONCE || isStopping()) return;
  }
}

/** Keeps until stopped. A look that fails is logged; the next one comes anyway. */
export function watchPopulation(context: PopulationContext & { readonly log: Log }, everyMs = LOOK_EVERY_MS): Looking {
  return lookAgain({
    everyMs, look: (isStopping) => keepPopulation(context, isStopping),
    onError: (error) => context.log.warn({ error }, "the lines of patients could not be kept; the next look goes on"),
  });
}
