/** From a value back to the raw delivery it came in. */
import { z } from "zod";
import { readDelivery, readDeliveryBody, type DeliveryInfo } from "#inbox/read.ts";
import { audit } from "#people/audit/audit.ts";
import { listSeries } from "#samples/store/series.ts";
import { deliveryOfSample } from "#samples/store/store.ts";
import { METRICS } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import { NotFound } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { instantParameter, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { delivery, metricName, provenance, type Delivery } from "./schemas.ts";
import { showSource } from "./sources.ts";

const query = z.object({
  metric: metricName,
  at: z.string().max(40).describe("The value's own instant."),
  source: z.string().max(40).optional().describe("Which source, where several measured at that instant."),
});
const deliveryParams = patientParams.extend({ deliveryId: z.string().regex(/^\d{1,18}$/) });

export function provenanceRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/provenance", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["provenance"], summary: "Which delivery a value came in", description: `Of a glucose value: ${GLUCOSE_NOTICE}`, params: patientParams, querystring: query, response: { 200: provenance, ...PROBLEMS } },
  }, async (request, reply) => {
    const { metric, source } = request.query;
    const atMs = instantParameter("at", request.query.at, 0);
    if (metric.startsWith("glucose")) reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return withPatient(context, request, async (tx, patient) => {
      for (const series of await listSeries(tx, patient.id, [metric])) {
        if (source !== undefined && series.id !== source) continue;
        const found = await deliveryOfSample(tx, patient.id, series.id, atMs);
        if (!found) continue;
        const info = await readDelivery(tx, patient.id, found.deliveryId);
        if (!info) throw new NotFound("The delivery of this value is no longer kept.");
        return {
          value: { metric, at: formatInstant(atMs), value: found.value, unit: METRICS[metric].unit, source: showSource(context, series) },
          delivery: showDelivery(info),
        };
      }
      throw new NotFound("There is no value of this metric at that instant.");
    });
  });

  server.get("/patients/:patientId/deliveries/:deliveryId", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["provenance"], summary: "What is known of a delivery", params: deliveryParams, response: { 200: delivery, ...PROBLEMS } },
  }, (request) =>
    withPatient(context, request, async (tx, patient) => {
      const info = await readDelivery(tx, patient.id, request.params.deliveryId);
      if (!info) throw new NotFound("There is no such delivery.");
      return showDelivery(info);
    }));

  server.get("/patients/:patientId/deliveries/:deliveryId/raw", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["provenance"], summary: "The raw bytes as they came", description: GLUCOSE_NOTICE, params: deliveryParams, response: { 200: { description: "The bytes", content: { "application/octet-stream": { schema: z.any() } } }, ...PROBLEMS } },
  }, async (request, reply) => {
    const found = await withPatient(context, request, async (tx, patient, actor) => {
      const body = await readDeliveryBody(tx, patient.id, request.params.deliveryId);
      // Which one: raw bytes hold more than any page shows.
      if (body && !patient.isSelf) await audit(tx, actor.organizationId, { action: "delivery.exported", actorUserId: actor.userId, patientId: patient.id, objectType: "delivery", objectId: request.params.deliveryId });
      return body;
    });
    if (!found) throw new NotFound("There is no such delivery.");
    // Strangers' bytes are downloaded, never shown as a page of ours.
    return reply
      .header(NOTICE_HEADER, GLUCOSE_NOTICE)
      .type("application/octet-stream").header("x-content-type-options", "nosniff")
      .header("content-disposition", `attachment; filename="delivery-${request.params.deliveryId}"`)
      .serializer((bytes: unknown) => bytes as string).send(found.body);
  });
}

function showDelivery(info: DeliveryInfo): Delivery {
  return {
    id: info.id, provider: info.provider, via: info.via, resource: info.resource, receivedAt: formatInstant(info.receivedMs),
    processedAt: info.processedMs === null ? null : formatInstant(info.processedMs), state: info.state, bytes: info.bytes, attempts: info.attempts,
    problems: info.problems.map(({ path, reason }) => ({ path, reason })),
  };
}
