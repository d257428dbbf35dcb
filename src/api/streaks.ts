/** How steadily a person measures: times, and days in a row. Derived at each request; nothing is counted up. Requirement D2. */
import { z } from "zod";
import { readZones } from "#people/zones.ts";
import { MEASURED_BY, readMeasuredDays } from "#summaries/measured-days.ts";
import { measuringStreak } from "#summaries/streaks.ts";
import { dayAt } from "#units/zones.ts";
import type { ApiContext } from "./context.ts";
import { isUnchanged } from "./etag.ts";
import { PROBLEMS, patientParams, type Server, UNCHANGED, withPatient } from "./route-kit.ts";
import { measuringStreakReply } from "./schemas.ts";

const query = z.object({
  of: z.enum(MEASURED_BY).default("measured").describe("`measured`: glucose that the person measured, by a meter or typed. `all`: a sensor's readings count as well."),
});

export function streakRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/measuring-streak", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: ["measurements"], summary: "Times measured, and the current and longest streak of local days", params: patientParams, querystring: query,
      description: "A day is one that the person lived, of 23 or of 40 hours where they travelled. Today breaks no streak until it is over.",
      response: { 200: measuringStreakReply, ...UNCHANGED, ...PROBLEMS },
    },
  }, async (request, reply) => {
    const nowMs = context.clock.now();
    const told = await withPatient(context, request, async (tx, patient) => {
      const history = await readZones(tx, patient.id);
      const today = dayAt(history, nowMs);
      if (await isUnchanged(tx, patient, { request, reply }, [today.date])) return null;
      const days = await readMeasuredDays(tx, { patientId: patient.id, history, of: request.query.of, nowMs });
      return { ...measuringStreak(days, today), asOf: today.date };
    });
    return told ?? reply.code(304).send(null);
  });
}
