/** What a message says: whose data changed, of which kind, over which stretch of time. Ids, kinds, times and counts; never a value or a name. Pure. */
import { metricById } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";

/** Kinds of the change feed that an organization's systems can be told of. */
export const EVENT_KINDS = ["samples", "sleep", "workout", "treatment", "connection", "sources", "zone", "appointment", "clinical"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
/** Sent by hand, to try an endpoint. */
export const TRIAL_KIND = "trial";

export interface WebhookEvent {
  readonly id: string;
  readonly organizationId: string;
  /** Null: a trial. */
  readonly patientId: string | null;
  readonly kind: string;
  /** Metric id; null where all are meant, or none. */
  readonly metric: number | null;
  readonly connectionId: string | null;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly count: number;
  readonly createdMs: number;
}

/** What the receiver's code goes by, e.g. `samples.changed`. */
export function eventType(kind: string): string {
  return kind === TRIAL_KIND ? "endpoint.trial" : `${kind}.changed`;
}

/** The body, the same for every attempt. */
export function messageBody({ id, organizationId, patientId, kind, metric, connectionId, fromMs, toMs, count, createdMs }: WebhookEvent): string {
  return JSON.stringify({
    id, type: eventType(kind), timestamp: formatInstant(createdMs),
    data: { organizationId, patientId, metric: metric === null ? null : metricById(metric), connectionId, from: instant(fromMs), to: instant(toMs), count },
  });
}

function instant(ms: number | null): string | null {
  return ms === null || !Number.isFinite(ms) ? null : formatInstant(ms);
}

export type Touched = Omit<WebhookEvent, "id">;

/** One event where several changes touch the same data of the same person: a back-fill announces thousands. In the order of the first of each. */
export function mergeTouched(changes: readonly Touched[]): Touched[] {
  const groups = Map.groupBy(changes, ({ organizationId, patientId, kind, metric, connectionId }) => JSON.stringify([organizationId, patientId, kind, metric, connectionId]));
  return [...groups.values()].map((group) => ({
    ...group[0]!,
    fromMs: widest(group.map(({ fromMs }) => fromMs), Math.min), toMs: widest(group.map(({ toMs }) => toMs), Math.max),
    count: group.reduce((total, { count }) => total + count, 0), createdMs: Math.max(...group.map(({ createdMs }) => createdMs)),
  }));
}

/** Null, which has no end, is wider than any instant. */
function widest(instants: readonly (number | null)[], pick: (...values: number[]) => number): number | null {
  return instants.includes(null) ? null : pick(...(instants as number[]));
}
