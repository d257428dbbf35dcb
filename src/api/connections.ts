/** A patient's connections to vendors: begin, look, sync now, end. Requirements E5, R7. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { isId, type AccessScope, type PatientRow } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { beginConnect } from "#sync/connect.ts";
import type { ConnectRequest } from "#sync/connect-settings.ts";
import { listConnections, readConnection, type Connection as StoredConnection } from "#sync/connections.ts";
import { refuseUnwantedBy } from "#sync/consent-gate.ts";
import { beginPairing } from "#sync/device-door.ts";
import { disconnect } from "#sync/disconnect.ts";
import { missingScopes } from "#sync/permissions.ts";
import { hasEnded } from "#sync/retired.ts";
import { connectByCredentials } from "#sync/sign-in.ts";
import { syncConnection } from "#sync/sync-connection.ts";
import { NOTHING } from "#ingest/ingest.ts";
import { newestRecordTimes } from "#samples/records.ts";
import { listSeries } from "#samples/store/series.ts";
import { newestTimes } from "#samples/store/store.ts";
import type { Driver } from "#driver/types.ts";
import { formatInstant } from "#units/time.ts";
import { Conflict, IsletError, NotFound, ReauthorizationRequired } from "../errors.ts";
import { consentToConnect } from "./consents.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { PROBLEM, PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { connection, connectionList, connectReply, connectRequest, syncReply, type Connection } from "./schemas.ts";
import { localeOf, statusDetail, syncFailure, type Locale } from "./words.ts";

const connectionParams = patientParams.extend({ connectionId: z.string().max(40) });
/** How long "sync now" waits for the end before it answers "running". */
const SYNC_WAIT_MS = 20_000;
/** A sync that nobody waits for any more may go on for so long. */
const SYNC_LIMIT_MS = 10 * 60_000;

export function connectionRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/connections", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["connections"], summary: "The patient's connections", params: patientParams, response: { 200: connectionList, ...PROBLEMS } },
  }, (request) =>
    withPatient(context, request, async (tx, patient) => {
      const stored = await listConnections(tx, patient.id);
      return { data: await showConnections(context, tx, stored, localeOf(request)) };
    }));

  server.post("/patients/:patientId/connections", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: ["connections"], summary: "Connect a vendor, or begin to",
      description: "Gives the address of the vendor's page, a code to pair a device with, or the connection itself, by the provider's `signIn`.", params: patientParams,
      body: connectRequest, response: { 201: connectReply, ...PROBLEMS, 409: PROBLEM, 422: PROBLEM, 502: PROBLEM },
    },
  }, async (request, reply) => {
    const { patient, actor } = await withPatient(context, request, async (_tx, found, who) => ({ patient: found, actor: who }));
    const { provider: providerId, settings = {}, returnTo, credentials = {} } = request.body;
    requireConfigured(context, providerId);
    await requireServed(context, providerId, patient);
    await consentToConnect(context, { patient, actor, providerId, given: request.body.consent, locale: localeOf(request) });
    const origin = publicOrigin(context, request.headers.host);
    const asked = { actor, patient, providerId, settings, returnTo, origin, language: localeOf(request) };
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    return reply.code(201).send({
      ...(await beginAnyWay(context, asked, credentials)),
      disclosure: context.sync.providers.require(providerId).driver.brand.disclosure[localeOf(request)],
      notice: GLUCOSE_NOTICE,
    });
  });

  server.get("/patients/:patientId/connections/:connectionId", {
    config: { access: { who: "patient", scope: "view" } },
    schema: { tags: ["connections"], summary: "One connection", params: connectionParams, response: { 200: connection, ...PROBLEMS } },
  }, (request) => withConnection(context, request, "view", async (tx, stored) => (await showConnections(context, tx, [stored], localeOf(request)))[0]!));

  server.post("/patients/:patientId/connections/:connectionId/sync", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: ["connections"], summary: "Ask the vendor for news now", description: "Waits up to 20 s for the end; `running` means that it goes on.",
      params: connectionParams, response: { 200: syncReply, ...PROBLEMS, 409: PROBLEM },
    },
  }, async (request) => {
    const ref = await withConnection(context, request, "manage", async (tx, stored) => {
      await refuseUnwantedBy(tx, stored);
      return stored;
    });
    if (ref.status === "needs_reauthorization") throw new ReauthorizationRequired("The vendor asks for your consent again: connect again.");
    if (ref.status === "disconnected" || ref.status === "revoked" || ref.status === "retired") throw new Conflict("This connection has ended: connect again.", { code: "connection_ended" });
    const work = syncConnection(context.sync, ref, { signal: AbortSignal.timeout(SYNC_LIMIT_MS), askAll: true }).then(
      (result) => ({ outcome: result.wasRun ? ("done" as const) : ("running" as const), stored: result.stored, detail: null }),
      (error: unknown) => {
        if (!(error instanceof IsletError)) throw error;
        return { outcome: "failed" as const, stored: NOTHING, detail: syncFailure(error, localeOf(request)) };
      },
    );
    // Nobody waits for it once "running" was answered: without this its failure would end the process.
    work.catch((error: unknown) => context.log.error({ requestId: request.id, connection: ref.connectionId, error }, "a sync failed unexpectedly"));
    const result = await Promise.race([work, pause(SYNC_WAIT_MS).then(() => ({ outcome: "running" as const, stored: NOTHING, detail: null }))]);
    const after = await context.database.withOrganization(ref.organizationId, (tx) => readConnection(tx, ref.patientId, ref.connectionId));
    return { ...result, lastSyncAt: after.lastSyncMs === null ? null : formatInstant(after.lastSyncMs) };
  });

  server.delete("/patients/:patientId/connections/:connectionId", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: ["connections"], summary: "Disconnect", description: "Tokens are erased and the vendor is told; `data=erase` also removes all that came by it.",
      params: connectionParams, querystring: z.object({ data: z.enum(["keep", "erase"]).default("keep") }),
      response: { 204: z.null(), ...PROBLEMS },
    },
  }, async (request, reply) => {
    const { ref, actor } = await withConnection(context, request, "manage", (_tx, stored, who) => Promise.resolve({ ref: stored, actor: who }));
    await disconnect(context.sync, ref, { actor, erase: request.query.data === "erase" });
    return reply.code(204).send(null);
  });
}

/** As withPatient, with the named connection of that patient. Whoever reaches for one that is not the patient's is audited (faults OA-25). */
async function withConnection<T>(
  context: ApiContext, request: FastifyRequest<{ Params: { patientId: string; connectionId: string } }>, scope: AccessScope,
  work: (tx: Tx, stored: StoredConnection, actor: Actor) => Promise<T>,
): Promise<T> {
  const { connectionId } = request.params;
  let reaching: { actor: Actor; patientId: string } | null = null;
  try {
    return await withPatient(context, request, async (tx, patient, actor) => {
      reaching = { actor, patientId: patient.id };
      const stored = await readConnection(tx, patient.id, connectionId);
      reaching = null;
      return work(tx, stored, actor);
    });
  } catch (error) {
    // Only now: the transaction that looked for it was rolled back.
    if (reaching && error instanceof NotFound && isId(connectionId)) await noteReach(context, reaching, { scope, connectionId, requestId: request.id });
    throw error;
  }
}

async function noteReach(
  context: ApiContext, { actor, patientId }: { actor: Actor; patientId: string }, what: { scope: AccessScope; connectionId: string; requestId: string },
): Promise<void> {
  await context.database.withOrganization(actor.organizationId, (tx) =>
    audit(tx, actor.organizationId, {
      action: `connection.${what.scope}`, actorUserId: actor.userId, patientId, objectType: "connection", objectId: what.connectionId, requestId: what.requestId,
      outcome: "refused",
    }),
  );
}

/** What the person chose; what the driver found out while signing in is nobody's to read. */
function chosenSettings(driver: Driver | undefined, settings: Readonly<Record<string, string>>): Record<string, string> {
  const learnt = new Set(driver?.settings.filter(({ isLearnt }) => isLearnt).map(({ name }) => name));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !learnt.has(name)));
}

/** Throws NotFound for a vendor there is none of, Conflict for one that the operator has not set up. */
export function requireConfigured(context: ApiContext, providerId: string): void {
  if (context.sync.providers.find(providerId)) return;
  throw new Conflict("This vendor is not set up on this Islet: its operator must register an app there first.", { code: "provider_not_configured" });
}

/** Throws Conflict where the vendor serves this API no more: nobody is connected anew, but whoever is can go on and sign in again. */
async function requireServed(context: ApiContext, providerId: string, patient: PatientRow): Promise<void> {
  const { driver, config } = context.sync.providers.require(providerId);
  if (config.isSimulated || !hasEnded(driver, context.clock.now())) return;
  const mine = await context.database.withOrganization(patient.organizationId, (tx) => listConnections(tx, patient.id));
  if (mine.some(({ provider, status }) => provider === providerId && status !== "disconnected")) return;
  const heir = context.sync.providers.drivers.find(({ id }) => id === driver.capabilities.successor);
  throw new Conflict(`${driver.displayName} ended this service on ${driver.capabilities.endedOn}.${heir ? ` Connect ${heir.displayName} instead.` : ""}`, { code: "provider_ended" });
}

type Begun = Pick<z.infer<typeof connectReply>, "authorizeUrl" | "expiresAt" | "connectionId" | "pairing">;

/** Begins, or does, what this vendor's way in wants. */
async function beginAnyWay(context: ApiContext, asked: ConnectRequest, credentials: Readonly<Record<string, string>>): Promise<Begun> {
  const { driver, config } = context.sync.providers.require(asked.providerId);
  const nothing: Begun = { authorizeUrl: null, expiresAt: null, connectionId: null, pairing: null };
  switch (driver.auth.kind) {
    case "credentials":
      return { ...nothing, connectionId: (await connectByCredentials(context.sync, asked, credentials)).connectionId };
    case "device": {
      const { code, expiresMs } = await beginPairing(context.sync, asked);
      const api = `${asked.origin}/api/v1`;
      const pairing = { code, pairUrl: `${api}/devices/pair`, pushUrl: `${api}/push/${driver.id}`, demoDeviceUrl: config.demoDeviceUrl ?? null };
      return { ...nothing, expiresAt: formatInstant(expiresMs), pairing };
    }
    case "none":
      throw new Conflict("There is nothing to connect: readings are typed, or sent to /readings.", { code: "nothing_to_connect" });
    default: {
      const { authorizeUrl, expiresMs } = await beginConnect(context.sync, asked);
      return { ...nothing, authorizeUrl, expiresAt: formatInstant(expiresMs) };
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** The configured address that equals the one in the browser; a Host header only chooses among them (faults OA-09). */
export function publicOrigin(context: ApiContext, host: string | undefined): string {
  const origins = context.config.publicOrigins;
  return origins.find((origin) => new URL(origin).host === host) ?? origins[0]!;
}

async function showConnections(context: ApiContext, tx: Tx, stored: readonly StoredConnection[], locale: Locale): Promise<Connection[]> {
  const patientId = stored[0]?.patientId;
  if (patientId === undefined) return [];
  const series = await listSeries(tx, patientId);
  const newest = await newestTimes(tx, patientId, series.map((each) => each.id));
  const newestRecords = await newestRecordTimes(tx, patientId);
  return stored.map((each) => {
    // A driver that this version no longer has leaves its connections behind.
    const driver = context.sync.providers.drivers.find((candidate) => candidate.id === each.provider);
    const provider = driver && context.sync.providers.find(driver.id);
    const devices = new Map<string, { id: string; name: string | null; lastMs: number }>();
    let lastDataMs = newestRecords.get(each.connectionId) ?? null;
    for (const one of series.filter((candidate) => candidate.connectionId === each.connectionId)) {
      const at = newest.get(one.id);
      if (at === undefined) continue;
      lastDataMs = Math.max(lastDataMs ?? 0, at);
      if (one.deviceId === "") continue;
      const known = devices.get(one.deviceId);
      devices.set(one.deviceId, { id: one.deviceId, name: one.deviceName ?? known?.name ?? null, lastMs: Math.max(known?.lastMs ?? 0, at) });
    }
    return {
      id: each.connectionId, provider: each.provider, providerName: driver?.displayName ?? each.provider, status: each.status,
      statusDetail: statusDetail(each, locale), isSyncing: each.syncingSinceMs !== null, isSimulated: provider?.config.isSimulated ?? false,
      connectedAt: formatInstant(each.connectedMs), lastSyncAt: each.lastSyncMs === null ? null : formatInstant(each.lastSyncMs),
      nextSyncAt: each.nextSyncMs === null ? null : formatInstant(each.nextSyncMs),
      lastDataAt: lastDataMs === null ? null : formatInstant(lastDataMs), backfillProgress: each.backfillProgress,
      grantedScopes: each.grantedScopes ? [...each.grantedScopes] : null,
      missingScopes: driver ? missingScopes(driver.auth, provider?.settings(each.settings) ?? {}, each.grantedScopes) : [],
      devices: [...devices.values()].map(({ id, name, lastMs }) => ({ id, name, lastDataAt: formatInstant(lastMs) })), settings: chosenSettings(driver, each.settings),
    };
  });
}
