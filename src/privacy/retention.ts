/**
 * How long what is kept: one list, of which docs/privacy.md shows a table and each entry of which is really cut (test/privacy-retention.test.ts). What this room
 * cuts itself it cuts once a day; the others say who does. What is of a patient under a legal hold stays.
 */
import type { Tx } from "#db/database.ts";
import { allPatients } from "#samples/store/fold.ts";
import { DAY_MS } from "#units/time.ts";
import type { PrivacyContext } from "./context.ts";
import { isHeld } from "./holds.ts";

export interface RetentionClass {
  readonly name: string;
  readonly what: string;
  /** In words; names of settings stand for what they are set to. */
  readonly keeps: string;
  /** The function that cuts it. */
  readonly by: string;
  /** Of those that this room cuts: cuts what is over, and gives how much it was. */
  readonly cut?: (context: PrivacyContext, nowMs: number) => Promise<number>;
}

const EXPORT_ROWS_DAYS = 365;
const OFFER_DAYS = 30;
const YEAR_MS = 365.25 * DAY_MS;

export const RETENTION: readonly RetentionClass[] = [
  { name: "raw_webhooks", what: "what vendors pushed, byte for byte", keeps: "ISLET_KEEP_WEBHOOKS_DAYS (30 days), by whole months; not before it was processed", by: "inbox/months.ts dropMonths, daily" },
  { name: "raw_pulls", what: "what vendors answered, byte for byte", keeps: "ISLET_KEEP_PULLS_DAYS (365 days), by whole months", by: "inbox/months.ts dropMonths, daily" },
  { name: "delivery_keys", what: "digests by which a delivery that comes twice is known again", keeps: "45 days; those of imported files for ever", by: "inbox/months.ts forgetOldKeys, daily" },
  { name: "changes", what: "which stretches of time were touched when (no value)", keeps: "30 days", by: "ingest/forget-changes.ts, daily" },
  { name: "oauth_states", what: "consents under way at a vendor", keeps: "10 minutes", by: "sync/connect.ts sweepStates, every minute" },
  { name: "farewells", what: "last tokens, to tell a vendor that a connection has ended", keeps: "until the vendor was told, at most 3 days", by: "sync/farewell.ts, every minute" },
  { name: "vendor_counts", what: "counts of calls, and whom to leave alone", keeps: "7 days", by: "sync/vendor-gate.ts sweepVendorGate, every minute" },
  { name: "sessions", what: "digests of sessions", keeps: "until they expire (a day at most), then up to a day", by: "privacy/retention.ts, daily", cut: cutSessions },
  { name: "grant_offers", what: "offers to share, with the address that they are for", keeps: "30 days after they expired", by: "privacy/retention.ts, daily", cut: cutOffers },
  { name: "export_files", what: "packages of everything", keeps: "24 hours", by: "privacy/package/run.ts endExpired, every minute" },
  { name: "export_rows", what: "that a package was made", keeps: "365 days", by: "privacy/retention.ts, daily", cut: cutExportRows },
  { name: "webhook_log", what: "what the organization's own systems were told of whom, and how that went (no value)", keeps: "ISLET_KEEP_WEBHOOK_LOG_DAYS (30 days)", by: "privacy/retention.ts, daily", cut: cutWebhookLog },
  { name: "orphans", what: "raw deliveries that came in while their patient was erased", keeps: "a day at most", by: "privacy/retention.ts, daily", cut: cutOrphans },
  { name: "measurements", what: "samples, nights, workouts, treatments, what was said before, imported files and what is computed of them", keeps: "for ever, unless the organization has set a number of years", by: "privacy/retention.ts, daily", cut: cutMeasurements },
  { name: "audit", what: "who did what to whose data, without values", keeps: "ISLET_KEEP_AUDIT_DAYS (seven years; HIPAA § 164.316 asks for six)", by: "people/audit/prune.ts pruneAuditLog" },
  { name: "erasures", what: "that somebody was erased: random ids, counts, times", keeps: "for ever, so that a restored backup is cleaned", by: "nobody" },
];

/** Cuts what this room cuts. Safe to repeat and to be killed at any point. Gives what was cut, by class. */
export async function runRetention(context: PrivacyContext, signal?: AbortSignal): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name, cut } of RETENTION) {
    if (signal?.aborted) break;
    if (cut) found[name] = await cut(context, context.sync.clock.now());
  }
  const cut = Object.fromEntries(Object.entries(found).filter(([, count]) => count > 0));
  if (Object.keys(cut).length > 0) context.sync.log.info({ cut }, "what was kept long enough was deleted");
  return found;
}

async function organizationsOf({ sync }: PrivacyContext): Promise<string[]> {
  return (await sync.database.asSystem((tx) => tx.query<{ id: string }>("select id from organizations order by id"))).map(({ id }) => id);
}

async function inEach(context: PrivacyContext, text: string, values: readonly unknown[]): Promise<number> {
  let total = 0;
  for (const id of await organizationsOf(context)) total += (await context.sync.database.withOrganization(id, (tx) => tx.query(text, values))).length;
  return total;
}

function cutSessions({ sync }: PrivacyContext, nowMs: number): Promise<number> {
  return sync.database.asSystem(async (tx) => (await tx.query("delete from sessions where expires_at < to_timestamp($1::float8 / 1000) returning 1", [nowMs])).length);
}

function cutOffers(context: PrivacyContext, nowMs: number): Promise<number> {
  return inEach(context, `delete from grant_offers o where expires_at < to_timestamp($1::float8 / 1000) and not ${isHeld("o.patient_id")} returning 1`, [nowMs - OFFER_DAYS * DAY_MS]);
}

function cutExportRows(context: PrivacyContext, nowMs: number): Promise<number> {
  return inEach(context, `delete from data_exports e where state in ('gone', 'failed') and asked_at < to_timestamp($1::float8 / 1000) and not ${isHeld("e.patient_id")} returning 1`, [nowMs - EXPORT_ROWS_DAYS * DAY_MS]);
}

function cutWebhookLog(context: PrivacyContext, nowMs: number): Promise<number> {
  const beforeMs = nowMs - context.settings.keepWebhookLogDays * DAY_MS;
  return inEach(context, `delete from webhook_events e where created_at < to_timestamp($1::float8 / 1000) and (patient_id is null or not ${isHeld("e.patient_id")}) returning 1`, [beforeMs]);
}

function cutOrphans({ sync }: PrivacyContext): Promise<number> {
  return sync.database.asSystem(async (tx) => {
    const gone = await tx.query<{ id: string }>("delete from deliveries d where patient_id in (select patient_id from erasures where state = 'done') returning id::text");
    await tx.query("delete from delivery_keys where delivery_id = any($1::bigint[])", [gone.map(({ id }) => id)]);
    return gone.length;
  });
}

/** Of each patient of an organization that keeps measurements for so many years. What straddles the day stays. */
async function cutMeasurements({ sync }: PrivacyContext, nowMs: number): Promise<number> {
  const rows = await sync.database.asSystem((tx) => tx.query<{ id: string; years: number }>("select id, keep_measurements_years as years from organizations where keep_measurements_years is not null"));
  const years = new Map(rows.map((row) => [row.id, row.years]));
  if (years.size === 0) return 0;
  let total = 0;
  for await (const { organizationId, patientId } of allPatients(sync.database)) {
    const kept = years.get(organizationId);
    if (kept === undefined) continue;
    const beforeMs = Math.floor((nowMs - kept * YEAR_MS) / DAY_MS) * DAY_MS;
    total += await sync.database.withOrganization(organizationId, (tx) => cutBefore(tx, patientId, beforeMs));
  }
  return total;
}

async function cutBefore(tx: Tx, patientId: string, beforeMs: number): Promise<number> {
  const before = "to_timestamp($2::float8 / 1000)";
  // A withdrawn record whose times nobody knows is no measurement of long ago.
  const old = `patient_id = $1 and start_at < ${before} and start_at > '-infinity' and not ${isHeld("$1::uuid")}`;
  let total = 0;
  for (const statement of [
    `delete from day_blocks where patient_id = $1 and day < (${before} at time zone 'UTC')::date and not ${isHeld("$1::uuid")}`,
    ...["samples", "sample_versions", "sleeps", "workouts", "treatments", "record_versions", "withdrawn_readings"].map((table) => `delete from ${table} where ${old}`),
    `delete from day_summaries where patient_id = $1 and to_at <= ${before} and not ${isHeld("$1::uuid")}`,
    `delete from deliveries where patient_id = $1 and via in ('import', 'push') and received_at < ${before} and state in ('done', 'ignored') and not ${isHeld("$1::uuid")}`,
  ]) {
    const [row] = await tx.query<{ n: number }>(`with gone as (${statement} returning 1) select count(*)::int as n from gone`, [patientId, beforeMs]);
    total += row!.n;
  }
  return total;
}

/** The list as a Markdown table, as docs/privacy.md has it. */
export function retentionTable(): string {
  return ["| class | what | kept | cut by |", "|---|---|---|---|", ...RETENTION.map(({ name, what, keeps, by }) => `| ${name} | ${what} | ${keeps} | ${by} |`)].join("\n");
}

/** After how many years an organization's measurements are deleted; null: never. */
export async function readKeeping(tx: Tx, organizationId: string): Promise<number | null> {
  return (await tx.query<{ years: number | null }>("select keep_measurements_years as years from organizations where id = $1", [organizationId]))[0]?.years ?? null;
}

export async function setKeeping(tx: Tx, organizationId: string, years: number | null): Promise<void> {
  await tx.query("update organizations set keep_measurements_years = $2 where id = $1", [organizationId, years]);
}
