/** Reviews: that somebody of the clinic looked at a patient, with a snooze for what was found then. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { readRules } from "#clinic/population/attention-rules.ts";
import { standingOf } from "#clinic/population/filter.ts";
import { flagsOf } from "#clinic/population/groups.ts";
import { DEFAULT_PERIOD } from "#clinic/population/line.ts";
import { ALL_FACTS, readFacts } from "#clinic/population/read-facts.ts";
import { addReview, listReviews, UNDO_WITHIN_MS, undoReview, type Review } from "#clinic/population/reviews.ts";
import type { Group } from "#clinic/population/rules.ts";
import type { Tx } from "#db/database.ts";
import { namesOf } from "#people/audit/accesses.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant, parseInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { showReview } from "./population-show.ts";
import { patientParams, PROBLEM, PROBLEMS, type Server, withPatient } from "./route-kit.ts";
import { reviewList, reviewRequest, type ReviewShown } from "./schemas.ts";

const TAGS = ["clinic"];
const FOR_CLINICIANS = { access: { who: "patient", scope: "view", roles: ["clinician"] } } as const;
const MOST_TOLD = 50;
const reviewParams = patientParams.extend({ reviewId: z.string().max(20) });

export function reviewRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/reviews", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "Who of the clinic reviewed this patient, the newest first", params: patientParams, response: { 200: reviewList, ...PROBLEMS } },
  }, async (request) => told(context, await withPatient(context, request, async (tx, { id }, actor) => ({ actor, reviews: await listReviews(tx, id, MOST_TOLD) }))));

  server.post("/patients/:patientId/reviews", {
    config: FOR_CLINICIANS,
    schema: {
      tags: TAGS, summary: "Mark this patient as reviewed, now and by me", params: patientParams, body: reviewRequest, response: { 200: reviewList, ...PROBLEMS },
      description: "With a snooze, the patient is not listed for the groups of this moment until then; a new group lists the patient again. A later review without a snooze ends it.",
    },
  }, async (request) => {
    const { snooze } = request.body;
    const untilMs = snooze === null ? null : (parseInstant(snooze.until)?.ms ?? null);
    if (snooze !== null && untilMs === null) throw new InvalidInput("until is no instant.", { issues: [{ pointer: "/body/snooze/until", detail: "use RFC 3339 with an offset, e.g. 2026-03-02T06:30:00Z" }] });
    return told(context, await withPatient(context, request, async (tx, patient, actor) => {
      const nowMs = context.clock.now();
      const order = { organizationId: patient.organizationId, patientId: patient.id, reviewedBy: actor.userId, nowMs };
      const { id } = await addReview(tx, { ...order, snooze: snooze && { untilMs: untilMs!, reason: snooze.reason, groups: await groupsOf(tx, actor, patient.id, nowMs) } });
      await note(tx, request as FastifyRequest, { actor, patientId: patient.id, reviewId: id }, snooze === null ? "review.made" : "review.snoozed");
      return { actor, reviews: await listReviews(tx, patient.id, MOST_TOLD) };
    }));
  });

  server.delete("/patients/:patientId/reviews/:reviewId", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "Take a review of mine back, within half an hour", params: reviewParams, response: { 200: reviewList, ...PROBLEMS, 409: PROBLEM } },
  }, async (request) => told(context, await withPatient(context, request, async (tx, patient, actor) => {
    const { reviewId } = request.params;
    await undoReview(tx, { patientId: patient.id, userId: actor.userId, reviewId, nowMs: context.clock.now() });
    await note(tx, request as FastifyRequest, { actor, patientId: patient.id, reviewId }, "review.undone");
    return { actor, reviews: await listReviews(tx, patient.id, MOST_TOLD) };
  })));
}

async function groupsOf(tx: Tx, { userId }: Actor, patientId: string, nowMs: number): Promise<Group[]> {
  const { rules } = await readRules(tx);
  // The transaction serves a request for this patient, and sees nobody else.
  const facts = (await readFacts(tx, userId, { days: DEFAULT_PERIOD, wanted: ALL_FACTS })).find(({ id }) => id === patientId);
  return facts ? flagsOf(standingOf(facts, DEFAULT_PERIOD), rules, nowMs).map(({ group }) => group) : [];
}

function note(tx: Tx, request: FastifyRequest, { actor, patientId, reviewId }: { readonly actor: Actor; readonly patientId: string; readonly reviewId: string }, action: string): Promise<void> {
  return audit(tx, actor.organizationId, { action, actorUserId: actor.userId, patientId, objectType: "review", objectId: reviewId, requestId: request.id });
}

async function told(context: ApiContext, { actor, reviews }: { readonly actor: Actor; readonly reviews: readonly Review[] }): Promise<{ data: ReviewShown[]; undoUntil: string | null }> {
  const names = await context.database.withOrganization(actor.organizationId, (tx) => namesOf(tx, reviews.map(({ reviewedBy }) => reviewedBy)));
  const [newest] = reviews;
  const undoMs = newest?.reviewedBy === actor.userId ? newest.reviewedMs + UNDO_WITHIN_MS : 0;
  return { data: reviews.map((review) => showReview(review, names)), undoUntil: undoMs > context.clock.now() ? formatInstant(undoMs) : null };
}
