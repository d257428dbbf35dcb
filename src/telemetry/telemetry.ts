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

/** How a refresh of tokens ended: well, overtaken by a new consent, its answer lost (faults OA-19), or the code of its failure. */
export type RefreshOutcome = "done" | "superseded" | "lost" | (string & {});

export interface Telemetry {
  readonly instruments: Instruments;
  readonly tracer: Tracer;
  /** Runs `work` as a span of the present trail; its error's code ends the span. */
  span<T>(name: SpanName, options: SpanOptions, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** Runs the processing of a delivery on its own trail. `work` says by `failed` what it has failed with where it does not throw. */
  delivery<T>(delivery: WatchedDelivery, work: (failed: (code: string) => void) => Promise<T>): Promise<T>;
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

  const delivery: Telemetry["delivery"] = (watched, work) => {
    const { id, provider, via, requestId, traceparent } = watched;
    const here = currentTrail();
    const trail = { ...here, delivery: id, ...(requestId === null ? {} : { requestId }) };
    const attributes = { "islet.delivery": id, "islet.provider": provider, "islet.via": via, "islet.attempt": watched.attempts };
    return onTrail(trail, () => span("delivery.process", { kind: "consumer", parent: traceparent, attributes }, async (open) => {
      const startedMs = performance.now();
      let outcome: string | null = null;
      try {
        const result = await work((code) => (outcome = code));
        outcome ??= "done";
        if (outcome === "done" && !watched.isReplay && (via === "webhook" || via === "push")) {
          instruments.deliveryAge.observe({ provider }, Math.max(0, clock.now() - watched.receivedMs) / 1000);
        }
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
    instruments, tracer, span, delivery,
    storing: (provider, work) => span("records.store", { attributes: { "islet.provider": provider } }, async (open) => {
      const stored = await work();
      const counts = { sample: stored.samples, sleep: stored.sleeps, workout: stored.workouts, treatment: stored.treatments };
      for (const [record, count] of Object.entries(counts)) if (count > 0) instruments.recordsStored.inc({ provider, record }, count);
      open.note({ "islet.records": Object.values(counts).reduce((sum, count) => sum + count, 0) });
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
