/**
 * Spans to a collector by OTLP over HTTP (JSON). Loaded only where an endpoint is set. Nothing is registered globally, so nothing else in the
 * process can start spans, and no call to a vendor carries our trace.
 */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import { currentTrail, isTraceparent } from "../trail.ts";
import type { SpanOptions, Tracer } from "./tracer.ts";

export interface OtlpOptions {
  /** Base address of the collector, e.g. http://127.0.0.1:4318; `/v1/traces` is appended. */
  readonly endpoint: string;
  /** Sent to the collector with each export. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly version: string;
  /** Share of traces recorded, 0 to 1; who comes with a trace decides for it. */
  readonly ratio: number;
  /** Between two exports; the default is 5 s. */
  readonly exportEveryMs?: number;
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;
/** A collector that does not answer must not hold up the stop. */
const EXPORT_LIMIT_MS = 5_000;

/** Builds the tracer. A collector that is away costs spans, never work. */
export function openOtlpTracer(options: OtlpOptions): Tracer {
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, "")}/v1/traces`, headers: { ...options.headers }, timeoutMillis: EXPORT_LIMIT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": options.serviceName, "service.version": options.version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.ratio) }),
    spanLimits: { attributeValueLengthLimit: 200, attributeCountLimit: 20 },
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: options.exportEveryMs ?? 5_000, exportTimeoutMillis: EXPORT_LIMIT_MS })],
  });
  const tracer = provider.getTracer("islet", options.version);
  return {
    isOn: true,
    start: (name, { kind, parent, attributes }: SpanOptions = {}) => {
      const span = tracer.startSpan(name, { ...(kind ? { kind: KINDS[kind] } : {}), ...(attributes ? { attributes: { ...attributes } } : {}) }, contextOf(parent ?? currentTrail().traceparent));
      const { traceId, spanId, traceFlags } = span.spanContext();
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
        note: (more) => void span.setAttributes({ ...more }),
        end: (errorCode) => {
          // The code alone: a message may quote what it is about.
          if (errorCode !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: errorCode });
          span.end();
        },
      };
    },
    close: () => provider.shutdown().catch(() => undefined),
  };
}

/** `name=value, …` as it stands in the setting. */
export function parseHeaders(text: string): Record<string, string> {
  return Object.fromEntries(text.split(",").map((part) => part.trim()).filter(Boolean).map((part) => {
    const at = part.indexOf("=");
    return [part.slice(0, at), part.slice(at + 1)];
  }));
}

function contextOf(traceparent: string | undefined): Context {
  if (!isTraceparent(traceparent)) return ROOT_CONTEXT;
  const [, traceId, spanId, flags] = traceparent.split("-");
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: traceId!, spanId: spanId!, traceFlags: Number.parseInt(flags!, 16), isRemote: true });
}
