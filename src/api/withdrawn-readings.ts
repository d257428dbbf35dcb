/** Taking readings back, and giving them back: typed ones and meters', never a sensor's. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { listWithdrawn, RESTORABLE_DAYS, restoreReading, withdrawReading, type ReadingOwner } from "#clinic/readings/withdraw-reading.ts";
import type { Tx } from "#db/database.ts";
import { namesOf } from "#people/audit/accesses.ts";
import { readZones } from "#people/zones.ts";
import { DAY_MS, formatInstant, formatWithOffset } from "#units/time.ts";
import { offsetIn } from "#units/zones.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { hideOwnerOnly, PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { readingId, readingWithdrawn, takeBackReason, withdrawnReadingList } from "./schemas.ts";
import { shownMmolL } from "./show-reading.ts";

const TAGS = ["measurements"];
const params = patientParams.extend({ readingId: z.string().max(60) });
const MOST_LISTED = 200;

export function withdrawnReadingRoutes(server: Server, context: ApiContext): void {
  server.delete("/patients/:patientId/readings/:readingId", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: TAGS, summary: "Take a reading back",
      description: `It is gone from lists, curves, statistics and summaries, and stays away when its meter sends it again. For ${RESTORABLE_DAYS} days it can be given back. Readings of sensors cannot be taken back.`,
      params, querystring: z.object({ reason: takeBackReason.optional() }), response: { 200: readingWithdrawn, ...PROBLEMS },
    },
  }, async (request) => {
    const { restorableUntilMs } = await withManaged(context, request, (tx, owner) =>
      withdrawReading(tx, owner, request.params.readingId, { reason: request.query.reason ?? null, nowMs: context.clock.now() }));
    return { id: request.params.readingId, restorableUntil: formatInstant(restorableUntilMs) };
  });

  server.post("/patients/:patientId/readings/:readingId/restore", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: { tags: TAGS, summary: "Give a reading back that was taken back", params, response: { 200: z.object({ id: readingId }), ...PROBLEMS, 409: PROBLEM } },
  }, async (request) => {
    await withManaged(context, request, (tx, owner) => restoreReading(tx, owner, request.params.readingId, context.clock.now()));
    return { id: request.params.readingId };
  });

  server.get("/patients/:patientId/readings/withdrawn", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: TAGS, summary: `Readings that were taken back in the last ${RESTORABLE_DAYS} days`, description: GLUCOSE_NOTICE, params: patientParams, response: { 200: withdrawnReadingList, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const found = await withPatient(context, request, async (tx, { id, organizationId }) => ({
      organizationId, zones: await readZones(tx, id), readings: await listWithdrawn(tx, id, { nowMs: context.clock.now(), limit: MOST_LISTED }),
    }));
    const names = await context.database.withOrganization(found.organizationId, (tx) => namesOf(tx, found.readings.map(({ withdrawnBy }) => withdrawnBy)));
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return {
      data: found.readings.map(({ id, atMs, mgDl, withdrawnMs, withdrawnBy, reason }) => ({
        id, at: formatWithOffset(atMs, offsetIn(found.zones, atMs)), valueMgDl: mgDl, valueMmolL: shownMmolL(mgDl), withdrawnAt: formatInstant(withdrawnMs),
        withdrawnBy: withdrawnBy === null ? null : { userId: withdrawnBy, name: names.get(withdrawnBy) ?? null }, reason: reason as z.infer<typeof takeBackReason> | null,
        restorableUntil: formatInstant(withdrawnMs + RESTORABLE_DAYS * DAY_MS),
      })),
    };
  });
}

/** Among the readings that the caller may see, in a transaction that may write. */
async function withManaged<T>(context: ApiContext, request: FastifyRequest<{ Params: { patientId: string } }>, work: (tx: Tx, owner: ReadingOwner) => Promise<T>): Promise<T> {
  const { isSelf, ...owner } = await withPatient(context, request, async (_tx, patient, actor) => ({
    organizationId: patient.organizationId, patientId: patient.id, userId: actor.userId, isSelf: patient.isSelf,
  }));
  return context.database.withOrganization(owner.organizationId, async (tx) => {
    // What a vendor lets be shown to the person alone nobody else takes back.
    if (!isSelf) await hideOwnerOnly(context, tx);
    return work(tx, owner);
  });
}
