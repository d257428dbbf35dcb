/** Rows of connections: what sync reads and writes of them. */
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { storableText } from "#db/text.ts";
import { NotFound } from "../errors.ts";
import { dropPlan } from "./plan.ts";

export type ConnectionStatus = "active" | "limited" | "needs_reauthorization" | "error" | "revoked" | "disconnected" | "retired";

/** Which connection, with all that its keys need. */
export interface ConnectionRef {
  readonly organizationId: string;
  readonly patientId: string;
  readonly connectionId: string;
}

/** What of a resource has been asked for and stored, as one covered stretch. */
export interface Cursor {
  readonly fromMs: number;
  readonly throughMs: number;
  /** When news was asked for. */
  readonly askedMs: number;
  /** When news was asked for with the resource's whole overlap. */
  readonly deepMs?: number;
  /** Set when the vendor refused the resource for a missing permission. */
  readonly isRefused?: true;
  /** Digests of the last answers: an equal one is not stored again. */
  readonly digests?: readonly string[];
}

export interface Connection extends ConnectionRef {
  readonly provider: string;
  readonly status: ConnectionStatus;
  readonly statusCode: string | null;
  readonly vendorUserId: string;
  readonly grantedScopes: readonly string[] | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly cursors: Readonly<Record<string, Cursor>>;
  readonly backfillProgress: number;
  readonly epoch: number;
  readonly failures: number;
  readonly syncingSinceMs: number | null;
  readonly connectedMs: number;
  readonly lastSyncMs: number | null;
  /** When Islet asks the vendor next by itself; null: never. */
  readonly nextSyncMs: number | null;
  /** Zone of the patient, for local times. */
  readonly zone: string;
}

interface ConnectionRow {
  organization_id: string; patient_id: string; id: string; provider: string; status: ConnectionStatus; status_code: string | null;
  vendor_user_id: string; granted_scopes: string[] | null; settings: Record<string, string>; cursors: Record<string, Cursor>;
  backfill_progress: number; epoch: number; failures: number; syncing_since: number | null; connected_at: number;
  last_sync_at: number | null; next_sync_at: number | null; zone: string;
}

const SELECT = `select c.organization_id, c.patient_id, c.id, c.provider, c.status, c.status_code, c.vendor_user_id, c.granted_scopes,
  c.settings, c.cursors, c.backfill_progress, c.epoch, c.failures, case when c.sync_lease_until > now() then c.syncing_since end as syncing_since,
  c.connected_at, c.last_sync_at, c.next_sync_at, p.zone
  from connections c join patients p on p.id = c.patient_id`;

function fromRow(row: ConnectionRow): Connection {
  return {
    organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.id, provider: row.provider, status: row.status,
    statusCode: row.status_code, vendorUserId: row.vendor_user_id, grantedScopes: row.granted_scopes, settings: row.settings,
    cursors: row.cursors, backfillProgress: row.backfill_progress, epoch: row.epoch, failures: row.failures,
    syncingSinceMs: row.syncing_since, connectedMs: row.connected_at, lastSyncMs: row.last_sync_at, nextSyncMs: row.next_sync_at, zone: row.zone,
  };
}

/** Throws NotFound when the patient has no such connection. */
export async function readConnection(tx: Tx, patientId: string, connectionId: string): Promise<Connection> {
  const rows = isId(connectionId)
    ? await tx.query<ConnectionRow>(`${SELECT} where c.patient_id = $1 and c.id = $2`, [patientId, connectionId])
    : [];
  if (!rows[0]) throw new NotFound("There is no such connection.");
  return fromRow(rows[0]);
}

/** The patient's connections, the newest of each vendor first; ended ones stay listed while nothing replaced them. */
export async function listConnections(tx: Tx, patientId: string): Promise<Connection[]> {
  const rows = await tx.query<ConnectionRow>(
    `${SELECT} where c.patient_id = $1 and (c.disconnected_at is null or not exists (
       select 1 from connections newer where newer.patient_id = c.patient_id and newer.provider = c.provider and newer.slot = c.slot
         and newer.connected_at > c.connected_at))
     order by c.provider, c.connected_at desc`,
    [patientId],
  );
  return rows.map(fromRow);
}

/** Connections of one organization as they stand, by id, held until the transaction ends: nobody ends them meanwhile. */
export async function holdConnections(tx: Tx, refs: readonly Pick<ConnectionRef, "patientId" | "connectionId">[]): Promise<Map<string, Connection>> {
  const rows = await tx.query<ConnectionRow>(
    // In the order of their keys, so that two transactions never wait for one another in a circle.
    `${SELECT} join unnest($1::uuid[], $2::uuid[]) as r (patient_id, id) on c.patient_id = r.patient_id and c.id = r.id
     order by c.patient_id, c.id for share of c`,
    [refs.map((ref) => ref.patientId), refs.map((ref) => ref.connectionId)],
  );
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/**
 * Whether the connection still is what a piece of work started from; holds it so until the transaction ends. After a disconnect or
 * a new consent, what was under way must store nothing.
 */
export async function isSameEpoch(tx: Tx, connection: Pick<Connection, "patientId" | "connectionId" | "epoch">): Promise<boolean> {
  const rows = await tx.query("select 1 from connections where patient_id = $1 and id = $2 and epoch = $3 for share", [
    connection.patientId, connection.connectionId, connection.epoch,
  ]);
  return rows.length === 1;
}

/** The connection's row as it stands, held until the transaction ends. Throws NotFound when it is gone. */
export async function lockConnection(tx: Tx, ref: Pick<ConnectionRef, "patientId" | "connectionId">): Promise<Connection> {
  await tx.query("select 1 from connections where patient_id = $1 and id = $2 for update", [ref.patientId, ref.connectionId]);
  return readConnection(tx, ref.patientId, ref.connectionId);
}

/** Which connection a vendor's account belongs to; null for a stranger. Runs before the tenant is known. */
export async function findAccount(tx: Tx, provider: string, vendorUserId: string): Promise<ConnectionRef | null> {
  const rows = await tx.query<{ organization_id: string; patient_id: string; connection_id: string }>(
    "select organization_id, patient_id, connection_id from provider_accounts where provider = $1 and vendor_user_id = $2",
    [provider, storableText(vendorUserId)],
  );
  const row = rows[0];
  return row ? { organizationId: row.organization_id, patientId: row.patient_id, connectionId: row.connection_id } : null;
}

/** Whether an account that nobody holds was connected before. */
export async function wasConnected(tx: Tx, provider: string, vendorUserId: string): Promise<boolean> {
  const rows = await tx.query("select 1 from connections where provider = $1 and vendor_user_id = $2 limit 1", [provider, storableText(vendorUserId)]);
  return rows.length === 1;
}

/** Takes the connection away from its account and everything that runs for it; the caller sets what it becomes. Locks its row first of all. */
export async function endConnection(tx: Tx, ref: ConnectionRef, end: { status: "revoked" | "disconnected"; code: string | null; nowMs: number }): Promise<void> {
  await tx.query(
    `update connections set status = $3, status_code = $4, epoch = epoch + 1, next_sync_at = null, subscribe_at = null, syncing_since = null, sync_lease_id = null,
            sync_lease_until = null, disconnected_at = coalesce(disconnected_at, to_timestamp($5::float8 / 1000))
     where patient_id = $1 and id = $2`,
    [ref.patientId, ref.connectionId, end.status, end.code, end.nowMs],
  );
  await tx.query("delete from provider_accounts where connection_id = $1", [ref.connectionId]);
  await dropPlan(tx, ref);
  await tx.query("delete from device_tokens where patient_id = $1 and connection_id = $2", [ref.patientId, ref.connectionId]);
}
