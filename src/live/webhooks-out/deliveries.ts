/** The log of deliveries as admins see it, and what they may order: a trial, one delivery once more, or all of a span. */
import { randomUUID } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { isId } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import { NotFound } from "../../errors.ts";
import type { WebhooksOutContext } from "./context.ts";
import { insertDeliveries, insertEvents } from "./follow.ts";
import { messageBody, TRIAL_KIND, type WebhookEvent } from "./message.ts";

export type DeliveryState = "pending" | "delivered" | "dead" | "withheld";

export interface WebhookDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly kind: string;
  readonly patientId: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdMs: number;
  readonly nextMs: number | null;
  readonly endedMs: number | null;
}

export interface WebhookAttempt {
  readonly atMs: number;
  readonly ms: number;
  readonly status: number | null;
  readonly error: string | null;
}

export interface DeliveryFilter {
  readonly endpointId: string;
  readonly states?: readonly DeliveryState[] | undefined;
  /** `[from, to)` of the event, epoch milliseconds. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** Who orders, of which organization, and of which endpoint. */
export interface Order {
  readonly organizationId: string;
  readonly userId: string;
  readonly endpointId: string;
}

/** So many are ordered again at once; who wants more narrows the span. */
export const MOST_REPLAYED = 10_000;

const COLUMNS = `d.id::text, d.event_id as "eventId", e.kind, e.patient_id as "patientId", d.state, d.attempts, d.last_status as "lastStatus", d.last_error as "lastError",
  e.created_at as "createdMs", d.next_at as "nextMs", d.ended_at as "endedMs"`;
const IN_FILTER = `d.endpoint_id = $1 and ($2::text[] is null or d.state = any($2)) and ($3::float8 is null or e.created_at >= to_timestamp($3::float8 / 1000))
  and ($4::float8 is null or e.created_at < to_timestamp($4::float8 / 1000))`;
const ONCE_MORE = "state = 'pending', attempts = 0, lease_until = null, ended_at = null";

/** The newest first. */
export function listDeliveries(tx: Tx, filter: DeliveryFilter, page: { readonly limit: number; readonly beforeId: string | null }): Promise<WebhookDelivery[]> {
  return tx.query<WebhookDelivery & Record<string, unknown>>(
    `select ${COLUMNS} from webhook_deliveries d join webhook_events e on e.id = d.event_id where ${IN_FILTER} and ($5::bigint is null or d.id < $5) order by d.id desc limit $6`,
    [...valuesOf(filter), page.beforeId, page.limit],
  );
}

/** One delivery, its attempts, the oldest first, and what its message says. Throws NotFound. */
export async function readDelivery(tx: Tx, endpointId: string, deliveryId: string): Promise<WebhookDelivery & { readonly tries: readonly WebhookAttempt[]; readonly body: string }> {
  const [found] = isId(endpointId) ? await tx.query<WebhookDelivery & Omit<WebhookEvent, "id"> & Record<string, unknown>>(
    `select ${COLUMNS}, e.organization_id as "organizationId", e.metric, e.connection_id as "connectionId", e.from_at as "fromMs", e.to_at as "toMs", e.count
     from webhook_deliveries d join webhook_events e on e.id = d.event_id where d.endpoint_id = $1 and d.id = $2::bigint`, [endpointId, deliveryId],
  ) : [];
  if (!found) throw new NotFound("There is no such delivery.");
  const tries = await tx.query<WebhookAttempt & Record<string, unknown>>(`select at as "atMs", ms, status, error from webhook_attempts where delivery_id = $1::bigint order by id`, [deliveryId]);
  return { ...found, tries, body: messageBody({ ...found, id: found.eventId }) };
}

/** A message about nobody, for an endpoint alone; gives its delivery's id. */
export async function sendTrial({ clock }: Pick<WebhooksOutContext, "clock">, tx: Tx, { organizationId, userId, endpointId }: Order): Promise<string> {
  const nowMs = clock.now();
  const event: WebhookEvent = { id: randomUUID(), organizationId, patientId: null, kind: TRIAL_KIND, metric: null, connectionId: null, fromMs: null, toMs: null, count: 0, createdMs: nowMs };
  await insertEvents(tx, [event], nowMs);
  const [id] = await insertDeliveries(tx, [{ event, endpointId }], nowMs);
  await endRest(tx, endpointId);
  await audit(tx, organizationId, { action: "webhook_endpoint.tried", actorUserId: userId, objectType: "webhook_endpoint", objectId: endpointId, purpose: "administration" });
  return id!;
}

/** Lets one delivery be sent once more, from the first attempt, under the same id. Throws NotFound for one that is not there, or withheld. */
export async function replayDelivery({ clock }: Pick<WebhooksOutContext, "clock">, tx: Tx, { organizationId, userId, endpointId }: Order, deliveryId: string): Promise<void> {
  const again = await tx.query(
    `update webhook_deliveries set ${ONCE_MORE}, next_at = to_timestamp($3::float8 / 1000) where endpoint_id = $1 and id = $2::bigint and state <> 'withheld' returning 1`, [endpointId, deliveryId, clock.now()],
  );
  if (again.length === 0) throw new NotFound("There is no such delivery that could be sent again.");
  await endRest(tx, endpointId);
  await audit(tx, organizationId, { action: "webhook_delivery.replayed", actorUserId: userId, objectType: "webhook_delivery", objectId: deliveryId, purpose: "administration" });
}

/** The same for all of a span that have come to an end in one of these states, the oldest first; gives how many. */
export async function replaySpan(
  { clock }: Pick<WebhooksOutContext, "clock">, tx: Tx, { organizationId, userId, endpointId }: Order, span: Omit<DeliveryFilter, "endpointId">,
): Promise<number> {
  const rows = await tx.query(
    `with chosen as (select d.id from webhook_deliveries d join webhook_events e on e.id = d.event_id where ${IN_FILTER} and d.state in ('delivered', 'dead') order by d.id limit ${MOST_REPLAYED})
     update webhook_deliveries d set ${ONCE_MORE}, next_at = to_timestamp($5::float8 / 1000) from chosen where d.id = chosen.id returning 1`,
    [...valuesOf({ ...span, endpointId }), clock.now()],
  );
  await endRest(tx, endpointId);
  await audit(tx, organizationId, { action: "webhook_delivery.span_replayed", actorUserId: userId, objectType: "webhook_endpoint", objectId: endpointId, purpose: "administration" });
  return rows.length;
}

/** Somebody who orders a message does not wait for the end of a rest. */
async function endRest(tx: Tx, endpointId: string): Promise<void> {
  await tx.query("update webhook_endpoints set rests_until = null where id = $1", [endpointId]);
}

function valuesOf({ endpointId, states, fromMs, toMs }: DeliveryFilter): unknown[] {
  return [endpointId, states ?? null, fromMs ?? null, toMs ?? null];
}
