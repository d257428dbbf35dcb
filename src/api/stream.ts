/** Any number of samples as one stream of lines, for those who want all: exports, notebooks, other stores (R7, R8). */
import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { feedEnd } from "#live/changes.ts";
import { partsOf, planOf, readLines, readSeries, type KnownSeries, type Plan } from "#samples/read.ts";
import { createTextWriter, headOf, tailOf, type TextFormat } from "#samples/stream.ts";
import type { MetricName } from "#units/metrics.ts";
import { Unavailable } from "../errors.ts";
import { CHANGES_HEADER, encodeChangesCursor } from "./changes.ts";
import type { ApiContext } from "./context.ts";
import { MOST_METRICS, parseMetrics } from "./metrics.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { endOfMinute, PROBLEMS, patientParams, periodParameters, type Server, withPatient, withPatientAgain } from "./route-kit.ts";

/** Of each source, read at once and written before the next are read. */
const SAMPLES_AT_ONCE = 10_000;
const TYPES: Readonly<Record<TextFormat, string>> = { ndjson: "application/x-ndjson; charset=utf-8", csv: "text/csv; charset=utf-8; header=present" };

const query = z.object({
  metrics: z.string().max(1_000).describe(`Up to ${MOST_METRICS} metric names, separated by commas; they follow one another in this order.`),
  from: z.string().max(40).optional().describe("First instant, RFC 3339; the first value there is by default."),
  to: z.string().max(40).optional().describe("End (exclusive), RFC 3339; the end of the present minute by default."),
  format: z.enum(["ndjson", "csv"]).optional().describe("By the Accept header where it is not given, else ndjson."),
  resolved: z.enum(["true", "false"]).default("true").describe("Sources merged to one line, as `metrics` gives it; with `false` every source by itself, one after the other."),
});

type StreamRequest = FastifyRequest<{ Params: { patientId: string } }>;

interface Job {
  readonly zone: string;
  readonly patientId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly known: KnownSeries;
  readonly plans: readonly Plan[];
  readonly format: TextFormat;
}

const DESCRIPTION = `One sample a line, each metric in order of time, with its unit, glucose in both; times bear the local offset. Read in parts of a few days, each of
which is as it was at one moment: what changes while the stream runs may or may not be in it, and \`GET …/changes\` after the cursor in the \`${CHANGES_HEADER}\` header tells it. What
is measured after the newest value of the beginning is not told. A right that ends meanwhile ends the stream. NDJSON ends with a line \`{"end":true,"rows":…}\`;
where that is missing, or the connection of a CSV breaks, something failed and not all was told. ${GLUCOSE_NOTICE}`;

export function streamRoutes(server: Server, context: ApiContext): void {
  const open = new Set<Readable>();
  // Who reads slowly must not keep the server from stopping.
  server.addHook("preClose", (done) => {
    for (const stream of open) stream.destroy(new Unavailable("The server stops."));
    done();
  });

  server.get("/patients/:patientId/metrics/stream", {
    config: { access: { who: "patient", scope: "view" } },
    exposeHeadRoute: false,
    schema: {
      tags: ["measurements"], summary: "All samples of metrics as lines of text, however many", description: DESCRIPTION, params: patientParams, querystring: query,
      response: { 200: { description: "The lines", content: { "application/x-ndjson": { schema: z.string() }, "text/csv": { schema: z.string() } } }, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const metrics = parseMetrics(request.query.metrics);
    const period = periodParameters({ ...request.query, from: request.query.from ?? "1970-01-01T00:00:00Z" }, endOfMinute(context.clock.now()), { defaultMs: 0 });
    const format = request.query.format ?? (request.headers.accept?.includes("text/csv") ? "csv" : "ndjson");
    const { job, cursor } = await withPatient(context, request, async (tx, patient) => {
      const end = encodeChangesCursor(patient.organizationId, await feedEnd(tx));
      const known = await readSeries(tx, patient.id, metrics);
      return { job: { ...period, patientId: patient.id, zone: patient.zone, known, format, plans: plansOf(known, metrics, request.query.resolved === "true") }, cursor: end };
    });
    const stream = Readable.from(textOf(context, request, job), { objectMode: false });
    open.add(stream);
    stream.once("close", () => open.delete(stream));
    if (metrics.some((metric) => metric.startsWith("glucose"))) reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    if (format === "csv") reply.header("content-disposition", "attachment; filename=\"samples.csv\"");
    return reply.type(TYPES[format]).header(CHANGES_HEADER, cursor).header("x-accel-buffering", "no").serializer((lines: unknown) => lines as string).send(stream as unknown as string);
  });
}

function plansOf(known: KnownSeries, metrics: readonly MetricName[], isResolved: boolean): Plan[] {
  if (isResolved) return metrics.map((metric) => planOf(known, { metric, resolution: "raw" }));
  return metrics.flatMap((metric) => known.series.filter((series) => series.metric === metric).map((series): Plan => ({ metric, resolution: "raw", sources: [series] })));
}

/** Nothing is read before what was read is sent: the stream asks when there is room. No transaction is open between two parts. */
async function* textOf(context: ApiContext, request: StreamRequest, { format, plans, ...stretch }: Job): AsyncGenerator<string> {
  let rows = 0;
  try {
    const head = headOf(format);
    if (head !== "") yield head;
    for (const plan of plans) {
      const write = createTextWriter(format, plan.metric, plan.sources);
      const parts = partsOf(stretch, { plan, samplesAtOnce: SAMPLES_AT_ONCE }, (part) => withPatientAgain(context, request, (tx) => readLines(tx, part, [plan])));
      for await (const line of parts) {
        rows += line.values.length;
        if (line.values.length > 0) yield write(line);
      }
    }
    const tail = tailOf(format, rows);
    if (tail !== "") yield tail;
  } catch (error) {
    context.log.warn({ requestId: request.id, error }, "a stream of samples was cut off");
    throw error;
  }
}
