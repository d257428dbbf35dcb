/** The patients one may see, each with what their last days of glucose amount to: a clinic's list of whom to look at first. */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { listPatients, type PatientRow } from "#people/access/access.ts";
import { auditEach } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import type { EpisodeCounts } from "#summaries/episode-days.ts";
import { episodesAnew, overviewsOf, type Overview } from "#summaries/overview.ts";
import { toMmolL } from "#units/glucose.ts";
import { formatInstant, MINUTE_MS } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { noteEmergency } from "../trail.ts";
import { requireActor } from "./authenticate.ts";
import { JSON_TYPE } from "./column-json.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { hideOwnerOnly, PROBLEMS, type Server } from "./route-kit.ts";
import { PATIENT_SORTS, patientSummaryList, type PatientSummary } from "./schemas.ts";

/** Older than this, a reading is not the current value. */
const STALE_MS = 15 * MINUTE_MS;
/** More patients than any clinic has. */
const MOST_PATIENTS = 100_000;

type Sort = (typeof PATIENT_SORTS)[number];

const query = z.object({
  days: z.coerce.number().int().min(1).max(90).default(14).describe("Whole local days before today."),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(600).optional(),
  sort: z.enum(PATIENT_SORTS).default("name").describe("Whom to look at first: least time in range, most time below, highest mean, highest CV, least wear, longest without a reading. Who has no such number comes last."),
});

interface Line {
  readonly patient: PatientRow;
  readonly overview: Overview;
}

interface ToldLine extends Line {
  readonly episodes: EpisodeCounts | null;
}

/** What comes first has the least of these; null comes last. */
const RANKS: Readonly<Record<Exclude<Sort, "name">, (overview: Overview) => number | null>> = {
  timeInRange: ({ period }) => period.rangesPercent?.target ?? null,
  timeBelow: ({ period }) => (period.rangesPercent ? -(period.rangesPercent.veryLow + period.rangesPercent.low) : null),
  mean: ({ period }) => (period.mean === null ? null : -period.mean),
  cv: ({ period }) => (period.cvPercent === null ? null : -period.cvPercent),
  wear: ({ period }) => period.wearPercent,
  lastReading: ({ last }) => last?.atMs ?? null,
};

export function patientSummaryRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/summaries", {
    config: { access: { who: "user" } },
    schema: {
      tags: ["patients"], summary: "Patients I may see, with their glucose of the last days", querystring: query, response: { 200: patientSummaryList, ...PROBLEMS },
      description: `${GLUCOSE_NOTICE} The numbers are those of /glucose/statistics over the same whole local days of each patient.`,
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request);
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const { limit, sort, days, cursor } = request.query;
    const scope = `patients/summaries ${sort} ${days}`;
    // Ids alone: a name or a value of a patient would end up in addresses.
    const after = cursor === undefined ? null : String(decodeCursor(context, scope, cursor)[0]);
    const nowMs = context.clock.now();
    const lines = await context.database.withPerson(actor, async (tx) => {
      const found = await withEpisodes(tx, await linesOf(context, tx, actor, { limit: limit + 1, after, sort, days }));
      for (const { patient } of found) if (patient.isEmergency) noteEmergency(patient.id);
      const others = found.slice(0, limit).flatMap(({ patient }) => (patient.isSelf ? [] : [patient.id]));
      await auditEach(tx, actor.organizationId, { action: "patient.view", actorUserId: actor.userId, objectType: "route", objectId: "/api/v1/patients/summaries", requestId: request.id }, others);
      return found;
    });
    const page = lines.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = lines.length > limit && last ? encodeCursor(context, scope, [last.patient.id]) : null;
    if (nextCursor) reply.header("link", `</api/v1/patients/summaries?days=${days}&limit=${limit}&sort=${sort}&cursor=${nextCursor}>; rel="next"`);
    // Each line is made field by field below; to check thousands of numbers one by one would take a sixth of the time.
    return reply.type(JSON_TYPE).serializer(JSON.stringify).send({ asOf: formatInstant(nowMs), days, data: page.map((line) => tell(line, nowMs)), nextCursor, notice: GLUCOSE_NOTICE });
  });
}

async function linesOf(context: ApiContext, tx: Tx, actor: Actor, asked: { limit: number; after: string | null; sort: Sort; days: number }): Promise<Line[]> {
  const { limit, after, sort, days } = asked;
  const patients = await listPatients(tx, actor, sort === "name" ? { limit, after } : { limit: MOST_PATIENTS, after: null });
  if (patients.some(({ isSelf }) => !isSelf)) await hideOwnerOnly(context, tx);
  const overviews = await overviewsOf(tx, patients.map(({ id }) => id), { days, nowMs: context.clock.now() });
  const lines = patients.map((patient) => ({ patient, overview: overviews.get(patient.id)! }));
  if (sort === "name") return lines;
  const ranked = lines
    .map((line) => ({ line, rank: RANKS[sort](line.overview) ?? Number.POSITIVE_INFINITY }))
    .toSorted((a, b) => (a.rank === b.rank ? (a.line.patient.id < b.line.patient.id ? -1 : 1) : a.rank - b.rank)).map(({ line }) => line);
  const from = after === null ? 0 : ranked.findIndex(({ patient }) => patient.id === after) + 1;
  if (after !== null && from === 0) {
    throw new InvalidInput("The patient that the page before ended with is not in the list any more.", { issues: [{ pointer: "/querystring/cursor", detail: "begin anew without a cursor" }] });
  }
  return ranked.slice(from, from + limit);
}

/** Few patients have days that do not say by themselves which episodes began. */
async function withEpisodes(tx: Tx, lines: readonly Line[]): Promise<ToldLine[]> {
  const told: ToldLine[] = [];
  for (const line of lines) {
    const { episodes } = line.overview.period;
    told.push({ ...line, episodes: episodes === "unknown" ? await episodesAnew(tx, line.patient.id, line.overview) : episodes });
  }
  return told;
}

const NO_RISK = { gri: null, griHypo: null, griHyper: null, griZone: null, lbgi: null, hbgi: null, bgri: null, adrr: null, jIndex: null } as const;

function tell({ patient, overview, episodes }: ToldLine, nowMs: number): PatientSummary {
  const { period, last } = overview;
  const mmolL = (mgDl: number | null): number | null => (mgDl === null ? null : toMmolL(mgDl));
  return {
    id: patient.id, displayName: patient.displayName, zone: overview.zone, isSelf: patient.isSelf, from: formatInstant(overview.fromMs), asOf: formatInstant(overview.toMs),
    days: period.days, readings: period.readings, rangesPercent: period.rangesPercent, meanMgDl: period.mean, meanMmolL: mmolL(period.mean), sdMgDl: period.sd,
    sdMmolL: mmolL(period.sd), cvPercent: period.cvPercent, gmiPercent: period.gmiPercent, gmiMmolMol: period.gmiMmolMol, wearPercent: period.wearPercent,
    tbr: period.tbr, tar: period.tar, ...(period.risk ?? NO_RISK), change: changeOf(overview),
    lowEvents: episodes && { level1: episodes.lowLevel1, level2: episodes.lowLevel2 }, highEvents: episodes && { level1: episodes.highLevel1, level2: episodes.highLevel2 },
    lastReading: last && {
      at: formatInstant(last.atMs), valueMgDl: last.valueMgDl, valueMmolL: Math.round(toMmolL(last.valueMgDl) * 100) / 100,
      ageSeconds: Math.max(0, Math.round((nowMs - last.atMs) / 1000)), isStale: nowMs - last.atMs > STALE_MS,
    },
  };
}

function changeOf({ period, before }: Overview): PatientSummary["change"] {
  if (!before || period.mean === null || !period.rangesPercent) return null;
  const meanMgDl = period.mean - before.mean;
  return { targetPoints: period.rangesPercent.target - before.targetPercent, meanMgDl, meanMmolL: toMmolL(meanMgDl), daysBefore: before.days };
}
