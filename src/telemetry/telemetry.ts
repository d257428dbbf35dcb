/**
 * What the rooms tell of their work, for metrics and spans. Built once by the app and handed down; tells nobody a value, a token or a person.
 */
import type { Clock } from "../clock.ts";
import { errorCode } from "../errors.ts";
import { currentTrail, onTrail } from "../trail.ts";
import { createInstruments, type Build, type Instruments } from "./instruments.ts";
import { noTracer, type OpenSpan, type SpanName, type SpanOptions, type Tracer } from "./tracer.ts";

/** What is known of a delivery that is worked on. */
export interface WatchedDelivery {
  readonly id: string;
  readonly provider: string;
  readonly via: string;
  readonly receivedMs: number;
  readonly attempts: number;
  readonly isReplay: boolean;
  /** Of the request that brought it, where one did. */
  readonly requestId: string | null;
  readonly traceparent: string | null;
}

/** How a refresh of tokens ended: well, overtaken by a new consent, its answer lost, found cut off by a crash (both faults OA-19), or the code of its failure. */
export type RefreshOutcome = "done" | "superseded" | "lost" | "cut_off" | (string & {});

export interface Telemetry {
  readonly instruments: Instruments;
  readonly tracer: Tracer;
  /** Runs `work` as a span of the present trail; its error's code ends the span. */
  span<T>(name: SpanName, options: SpanOptions, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** Runs the processing of a delivery on its own trail. `work` says by `failed` what it has failed with where it does not throw. */
  delivery<T>(delivery: WatchedDelivery, work: (failed: (code: string) => void) => Promise<T>): Promise<T>;
  /** Runs a transaction that makes records of many deliveries at once. Those that it gives back are done; the rest is told of when its turn comes. */
  together<T extends WatchedDelivery>(deliveries: readonly T[], work: () => Promise<readonly { readonly delivery: T; readonly stored: Stored }[]>): Promise<readonly { readonly delivery: T; readonly stored: Stored }[]>;
  /** Runs a transaction that stores records, and counts what it gives once it is committed. */
  storing<T extends Stored>(provider: string, work: () => Promise<T>): Promise<T>;
  sync<T>(provider: string, work: () => Promise<T>): Promise<T>;
  refreshed(provider: string, outcome: RefreshOutcome): void;
  refreshWaited(provider: string): void;
  webhookRefused(provider: string, error: unknown): void;
}

export interface Stored {
  readonly samples: number;
  readonly sleeps: number;
  readonly workouts: number;
  readonly treatments: number;
}

export interface TelemetryOptions {
  readonly clock: Clock;
  readonly build?: Build;
  readonly tracer?: Tracer;
  /** Whether the process itself is measured, too (memory, event loop): once a process. */
  readonly withProcess?: boolean;
}

/** Seconds since `startedMs` of performance.now(): real time, whatever clock the work goes by. */
export function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { clock, tracer = noTracer } = options;
  const instruments = createInstruments(options.build ?? { version: "0", role: "none" }, options.withProcess ?? false);

  const span: Telemetry["span"] = async (name, spanOptions, work) => {
    const open = tracer.start(name, spanOptions);
    const run = async () => {
      try {
        const result = await work(open);
        open.end();
        return result;
      } catch (error) {
        open.end(errorCode(error));
        throw error;
      }
    };
    return open.traceparent === null ? run() : onTrail({ ...currentTrail(), traceparent: open.traceparent }, run);
  };

  /** How old a pushed delivery was when its records were there. */
  const aged = ({ isReplay, via, provider, receivedMs }: WatchedDelivery): void => {
    if (!isReplay && (via === "webhook" || via === "push")) instruments.deliveryAge.observe({ provider }, Math.max(0, clock.now() - receivedMs) / 1000);
  };
  const counted = (provider: string, stored: Stored): number => {
    const counts = { sample: stored.samples, sleep: stored.sleeps, workout: stored.workouts, treatment: stored.treatments };
    for (const [record, count] of Object.entries(counts)) if (count > 0) instruments.recordsStored.inc({ provider, record }, count);
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  };

  const together: Telemetry["together"] = (deliveries, work) => span("records.store", { attributes: { "islet.deliveries": deliveries.length } }, async (open) => {
    const startedMs = performance.now();
    // A span that does not end is nobody's: so it is with those that are left over.
    const spans = tracer.isOn ? new Map(deliveries.map((one) => [one.id, tracer.start("delivery.process", spanOf(one))])) : null;
    const done = await work();
    const seconds = secondsSince(startedMs);
    if (done.length > 0) instruments.togetherDeliveries.observe(done.length);
    let records = 0;
    for (const { delivery: one, stored } of done) {
      const { id, provider, via } = one;
      aged(one);
      const count = counted(provider, stored);
      records += count;
      instruments.deliveriesProcessed.inc({ provider, via, outcome: "done" });
      instruments.processDuration.observe({ provider }, seconds / done.length);
      const own = spans?.get(id);
      own?.note({ "islet.outcome": "done", "islet.records": count });
      own?.end();
    }
    open.note({ "islet.done": done.length, "islet.records": records });
    return done;
  });

  const delivery: Telemetry["delivery"] = (watched, work) => {
    const { id, provider, via, requestId } = watched;
    // Who woke the worker is not who brought this delivery.
    const { requestId: _waker, ...here } = currentTrail();
    const trail = { ...here, delivery: id, ...(requestId === null ? {} : { requestId }) };
    return onTrail(trail, () => span("delivery.process", spanOf(watched), async (open) => {
      const startedMs = performance.now();
      let outcome: string | null = null;
      try {
        const result = await work((code) => (outcome = code));
        outcome ??= "done";
        if (outcome === "done") aged(watched);
        return result;
      } finally {
        // Thrown without a word before: it was told to stop.
        outcome ??= "interrupted";
        open.note({ "islet.outcome": outcome });
        instruments.deliveriesProcessed.inc({ provider, via, outcome });
        instruments.processDuration.observe({ provider }, secondsSince(startedMs));
      }
    }));
  };

  return {
    instruments, tracer, span, delivery, together,
    storing: (provider, work) => span("records.store", { attributes: { "islet.provider": provider } }, async (open) => {
      const stored = await work();
      open.note({ "islet.records": counted(provider, stored) });
      return stored;
    }),
    sync: (provider, work) => span("sync", { attributes: { "islet.provider": provider } }, async () => {
      try {
        const result = await work();
        instruments.syncs.inc({ provider, outcome: "done" });
        return result;
      } catch (error) {
        instruments.syncs.inc({ provider, outcome: errorCode(error) });
        throw error;
      }
    }),
    refreshed: (provider, outcome) => instruments.refreshes.inc({ provider, outcome }),
    refreshWaited: (provider) => instruments.refreshWaits.inc({ provider }),
    webhookRefused: (provider, error) => instruments.webhooksRefused.inc({ provider, reason: errorCode(error) }),
  };
}

/** Of a delivery's processing: it goes on with the trace of the request that brought it. */
function spanOf({ id, provider, via, attempts, traceparent }: WatchedDelivery): SpanOptions {
  return { kind: "consumer", parent: traceparent, attributes: { "islet.delivery": id, "islet.provider": provider, "islet.via": via, "islet.attempt": attempts } };
}
