/** The audit log of an organization, for its admins. To search it is audited itself. */
import { join } from "node:path";
import { z } from "zod";
import { isId } from "#people/access/access.ts";
import { namesOf } from "#people/audit/accesses.ts";
import { ANCHORS_FILE, readAnchors } from "#people/audit/anchors.ts";
import { audit } from "#people/audit/audit.ts";
import { verifyAuditLog } from "#people/audit/verify.ts";
import { searchAudit, type AuditFilter, type AuditLine } from "#people/audit/search.ts";
import { DAY_MS, formatInstant } from "#units/time.ts";
import { InvalidInput } from "../errors.ts";
import { requireActor } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { decodeCursor, encodeCursor } from "./paging.ts";
import { instantParameter, PROBLEMS, type Server } from "./route-kit.ts";
import { auditChain, auditLineList, auditOutcome, type AuditLineShown } from "./schemas.ts";

/** Further back, looking at it in a page would take too long. */
const CHECKED_MS = 7 * DAY_MS;

const query = z.object({
  actor: z.string().max(40).optional().describe("A user's id."), patient: z.string().max(40).optional().describe("A patient's id."),
  action: z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/).optional().describe("An action, or with a point at the end all that begin so, e.g. `password.`"),
  outcome: auditOutcome.optional(),
  from: z.string().max(40).optional().describe("RFC 3339 instant from which on."), to: z.string().max(40).optional().describe("Before this instant."),
  limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.string().max(400).optional(),
});

export function auditRoutes(server: Server, context: ApiContext): void {
  chainRoute(server, context);
  server.get("/audit", {
    config: { access: { who: "user", roles: ["admin"] } },
    schema: {
      tags: ["audit"], summary: "Who did what to whose data, newest first", description: "Of this organization. Codes, ids and digests; no health value. The search stands in the log, too.",
      querystring: query, response: { 200: auditLineList, ...PROBLEMS },
    },
  }, async (request) => {
    const { userId, organizationId } = await requireActor(context, request);
    const { limit, cursor, ...asked } = request.query;
    const filter = filterOf(asked);
    const scope = `audit ${organizationId} ${JSON.stringify(filter)}`;
    const beforeId = cursor === undefined ? null : String(decodeCursor(context, scope, cursor)[0]);
    const { database } = context;
    await database.withOrganization(organizationId, (tx) =>
      audit(tx, organizationId, { action: "audit.searched", actorUserId: userId, purpose: "administration", ...(filter.patientId === undefined ? {} : { patientId: filter.patientId }) }));
    const lines = await database.asAuditor(organizationId, (tx) => searchAudit(tx, filter, { limit: limit + 1, beforeId }));
    const page = lines.slice(0, limit);
    const names = await database.withOrganization(organizationId, (tx) => namesOf(tx, page.map(({ actorUserId }) => actorUserId)));
    return { data: page.map((line) => show(line, names)), nextCursor: lines.length > limit ? encodeCursor(context, scope, [page.at(-1)!.id]) : null };
  });
}

function chainRoute(server: Server, context: ApiContext): void {
  server.get("/audit/chain", {
    config: { access: { who: "user", roles: ["admin"] }, limit: "sensitive" },
    schema: {
      tags: ["audit"], summary: "Whether the log is what was written", description: "The organization's chain of the last week, computed anew; `islet audit verify` holds all of it against its anchors.",
      response: { 200: auditChain, ...PROBLEMS },
    },
  }, async (request) => {
    const { organizationId } = await requireActor(context, request);
    const sinceMs = context.clock.now() - CHECKED_MS;
    const { keys } = context.sync.auditKeeping;
    const { links, anchors, findings } = await verifyAuditLog({ database: context.database, keys, anchors: readAnchors(keys, join(context.config.dataDir, ANCHORS_FILE)), sinceMs, chain: organizationId });
    return { checkedSince: formatInstant(sinceMs), links, anchors, isWhole: findings.length === 0, findings: findings.slice(0, 100).map(({ kind, entryId, detail }) => ({ kind, entryId, detail })) };
  });
}

function filterOf(asked: Omit<z.output<typeof query>, "limit" | "cursor">): AuditFilter {
  const { actor, patient, action, outcome, from, to } = asked;
  for (const [name, id] of Object.entries({ actor, patient })) {
    if (id !== undefined && !isId(id)) throw new InvalidInput(`${name} is no id.`, { issues: [{ pointer: `/querystring/${name}`, detail: "a UUID in small letters" }] });
  }
  return {
    ...(actor === undefined ? {} : { actorUserId: actor }), ...(patient === undefined ? {} : { patientId: patient }), ...(action === undefined ? {} : { action }),
    ...(outcome === undefined ? {} : { outcome }), ...(from === undefined ? {} : { fromMs: instantParameter("from", from, 0) }), ...(to === undefined ? {} : { toMs: instantParameter("to", to, 0) }),
  };
}

function show(line: AuditLine, names: ReadonlyMap<string, string>): AuditLineShown {
  const { id, atMs, action, outcome, purpose, patientId, objectType, objectId, requestId, network, agent } = line;
  return {
    id, at: formatInstant(atMs), action, outcome, purpose: purpose as AuditLineShown["purpose"], patientId, objectType, objectId, requestId, network, agent,
    session: line.sessionRef, address: line.addressHash,
    actor: { kind: line.actorKind, id: line.actorUserId, name: names.get(line.actorUserId ?? "") ?? null, roles: line.actorRole?.split(",") ?? [], keyId: line.actorKeyId },
  };
}
