/**
 * The follower of the change feed that makes events for the organization's own systems. Reading on and making them is one transaction: killed anywhere,
 * nothing is lost and nothing is told twice. Any number of workers may run; a row lock lets one of them read.
 */
import { randomUUID } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { SHARED_DECISIONS } from "#people/consent/states.ts";
import type { EndpointRef, WebhooksOutContext } from "./context.ts";
import { mergeTouched, type Touched, type WebhookEvent } from "./message.ts";

/** Changes that are read at once. */
export const CHANGES_AT_ONCE = 2_000;
/** Endpoints that are found due at once. */
const ENDPOINTS_AT_ONCE = 500;

interface ChangeRow extends Omit<Touched, "createdMs" | "patientId"> {
  readonly patientId: string;
  readonly changedMs: number;
  readonly transactionId: string;
  readonly id: string;
}

interface Receiver {
  readonly organizationId: string;
  readonly id: string;
  readonly kinds: readonly string[];
  readonly createdMs: number;
}

/** Makes events of the next changes; gives how many changes were read. Those of running transactions, and all after them, are left for later. */
export async function followForWebhooks({ database, clock, hiddenProviders }: WebhooksOutContext): Promise<number> {
  return database.asSystem(async (tx) => {
    const [place] = await tx.query<{ transaction_id: string; id: string }>("select transaction_id::text, id::text from webhook_follower for update skip locked");
    if (!place) return 0;
    const rows = await tx.query<ChangeRow & Record<string, unknown>>(
      `select transaction_id::text as "transactionId", id::text, organization_id as "organizationId", patient_id as "patientId", kind, metric, connection_id as "connectionId",
              from_at as "fromMs", to_at as "toMs", count, created_at as "changedMs"
       from changes where (transaction_id, id) > ($1::xid8, $2::bigint) and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
       order by changes.transaction_id, changes.id limit ${CHANGES_AT_ONCE}`,
      [place.transaction_id, place.id],
    );
    const last = rows.at(-1);
    if (!last) return 0;
    const receivers = await receiversIn(tx, rows);
    if (receivers.length > 0) await tellAll(tx, receivers, { told: await tellable(tx, wantedBy(receivers, rows), hiddenProviders), nowMs: clock.now() });
    await tx.query("update webhook_follower set transaction_id = $1::xid8, id = $2::bigint", [last.transactionId, last.id]);
    return rows.length;
  });
}

async function receiversIn(tx: Tx, rows: readonly ChangeRow[]): Promise<Receiver[]> {
  return tx.query<Receiver & Record<string, unknown>>(
    `select organization_id as "organizationId", id, kinds, created_at as "createdMs" from webhook_endpoints where state <> 'disabled' and organization_id = any($1::uuid[]) order by id`,
    [[...new Set(rows.map(({ organizationId }) => organizationId))]],
  );
}

function wantedBy(receivers: readonly Receiver[], rows: readonly ChangeRow[]): ChangeRow[] {
  return rows.filter((row) => receivers.some((receiver) => wants(receiver, row)));
}

function wants({ organizationId, kinds, createdMs }: Receiver, event: { readonly organizationId: string; readonly kind: string; readonly changedMs: number }): boolean {
  return organizationId === event.organizationId && kinds.includes(event.kind) && createdMs <= event.changedMs;
}

/** Without the changes of people who do not share with the organization, and without those of vendors whose data is for the person alone. */
async function tellable(tx: Tx, rows: readonly ChangeRow[], hiddenProviders: readonly string[]): Promise<ChangeRow[]> {
  if (rows.length === 0) return [];
  const sharing = await tx.query<{ id: string }>(
    `select p.id from unnest($1::uuid[]) as p (id)
     where (select c.decision from consents c where c.patient_id = p.id and c.purpose = 'sharing' order by c.id desc limit 1) = any($2)`,
    [[...new Set(rows.map(({ patientId }) => patientId))], SHARED_DECISIONS],
  );
  const hidden = await tx.query<{ id: string }>(
    "select id from connections where id = any($1::uuid[]) and provider = any($2)", [[...new Set(rows.flatMap(({ connectionId }) => connectionId ?? []))], hiddenProviders],
  );
  const [isSharing, isHidden] = [new Set(sharing.map(({ id }) => id)), new Set(hidden.map(({ id }) => id))];
  return rows.filter(({ patientId, connectionId }) => isSharing.has(patientId) && !(connectionId !== null && isHidden.has(connectionId)));
}

async function tellAll(tx: Tx, receivers: readonly Receiver[], { told, nowMs }: { readonly told: readonly ChangeRow[]; readonly nowMs: number }): Promise<void> {
  // Until here the time is that of the change, by which it is known who was there to hear of it.
  const events = mergeTouched(told.map(({ changedMs, ...rest }) => ({ ...rest, createdMs: changedMs }))).map((touched) => ({ ...touched, id: randomUUID() }));
  if (events.length === 0) return;
  await insertEvents(tx, events, nowMs);
  await insertDeliveries(tx, receivers.flatMap((receiver) => events.filter((event) => wants(receiver, { ...event, changedMs: event.createdMs })).map((event) => ({ event, endpointId: receiver.id }))), nowMs);
}

/** Puts events in, as of now. */
export async function insertEvents(tx: Tx, events: readonly WebhookEvent[], nowMs: number): Promise<void> {
  await tx.query(
    `insert into webhook_events (organization_id, id, patient_id, kind, metric, connection_id, from_at, to_at, count, created_at)
     select e.organization_id, e.id, e.patient_id, e.kind, e.metric, e.connection_id, to_timestamp(e.from_ms / 1000), to_timestamp(e.to_ms / 1000), e.count, to_timestamp($10::float8 / 1000)
     from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::smallint[], $6::uuid[], $7::float8[], $8::float8[], $9::int[])
       as e (organization_id, id, patient_id, kind, metric, connection_id, from_ms, to_ms, count)`,
    [
      events.map(({ organizationId }) => organizationId), events.map(({ id }) => id), events.map(({ patientId }) => patientId), events.map(({ kind }) => kind), events.map(({ metric }) => metric),
      events.map(({ connectionId }) => connectionId), events.map(({ fromMs }) => fromMs), events.map(({ toMs }) => toMs), events.map(({ count }) => count), nowMs,
    ],
  );
}

/** Lets each event wait for its endpoint; gives the ids of what waits. */
export async function insertDeliveries(tx: Tx, pairs: readonly { readonly event: Pick<WebhookEvent, "id" | "organizationId">; readonly endpointId: string }[], nowMs: number): Promise<string[]> {
  if (pairs.length === 0) return [];
  const rows = await tx.query<{ id: string }>(
    `insert into webhook_deliveries (organization_id, endpoint_id, event_id, next_at)
     select d.organization_id, d.endpoint_id, d.event_id, to_timestamp($4::float8 / 1000) from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as d (organization_id, endpoint_id, event_id) returning id::text`,
    [pairs.map(({ event }) => event.organizationId), pairs.map(({ endpointId }) => endpointId), pairs.map(({ event }) => event.id), nowMs],
  );
  return rows.map(({ id }) => id);
}

/** Endpoints for which something is due that nobody has in hand. */
export async function endpointsDue({ database, clock }: Pick<WebhooksOutContext, "database" | "clock">): Promise<EndpointRef[]> {
  return database.asSystem((tx) => tx.query<EndpointRef & Record<string, unknown>>(
    `select e.organization_id as "organizationId", e.id as "endpointId" from webhook_endpoints e
     where e.state = 'active' and coalesce(e.rests_until, '-infinity') <= to_timestamp($1::float8 / 1000)
       and exists (select 1 from webhook_deliveries d where d.endpoint_id = e.id and d.state = 'pending' and d.next_at <= to_timestamp($1::float8 / 1000)
         and coalesce(d.lease_until, '-infinity') <= to_timestamp($1::float8 / 1000))
     order by e.id limit ${ENDPOINTS_AT_ONCE}`, [clock.now()],
  ));
}
