/** Spans as the rooms see them: a name, bounded attributes, and the work. Who records them is decided at start; by default nobody does. */
export type SpanName = "request" | "inbox.accept" | "inbox.claim" | "job" | "delivery.process" | "records.store" | "vendor.call" | "sync" | "token.refresh";

/** Ids of ours, codes, counts and routes. Never a URL, a header, a value or a person. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  readonly kind?: "server" | "client" | "producer" | "consumer";
  /** Goes on with a trace that began elsewhere (W3C traceparent), in place of the present one. */
  readonly parent?: string | null;
  readonly attributes?: SpanAttributes;
}

export interface OpenSpan {
  /** Its own traceparent, for what goes on elsewhere; null when nobody records. */
  readonly traceparent: string | null;
  note(attributes: SpanAttributes): void;
  /** Ends it; `errorCode` where it failed. */
  end(errorCode?: string): void;
}

export interface Tracer {
  /** False when nobody records: then no span costs anything. */
  readonly isOn: boolean;
  start(name: SpanName, options?: SpanOptions): OpenSpan;
  /** Sends what is left and stops. Never throws. */
  close(): Promise<void>;
}

const NO_SPAN: OpenSpan = { traceparent: null, note: () => undefined, end: () => undefined };

/** For installations without a collector: nothing is made, nothing is loaded. */
export const noTracer: Tracer = { isOn: false, start: () => NO_SPAN, close: () => Promise.resolve() };
