/** Where a person lives from when on: it decides where their days begin. */
import { audit } from "#people/audit/audit.ts";
import { addZone, readZones, replaceZones } from "#people/zones.ts";
import { formatInstant, parseInstant } from "#units/time.ts";
import { isZoneName, zoneAt, type ZoneEntry, type ZoneHistory } from "#units/zones.ts";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { zoneHistory, zoneRequest, zonesRequest, type ZoneHistoryReply } from "./schemas.ts";

const DESCRIPTION = "The patient's own zone holds before the first entry. Days, and what is told of them, follow the zone that held at the time; measurements keep the offset they were taken in.";

export function zoneRoutes(server: Server, context: ApiContext): void {
  const schemaOf = (summary: string) => ({ tags: ["patients"], summary, description: DESCRIPTION, params: patientParams, response: { 200: zoneHistory, ...PROBLEMS } });
  const reply = (history: ZoneHistory): ZoneHistoryReply => ({
    home: history.home, current: zoneAt(history, context.clock.now()), data: history.entries.map(({ fromMs, zone }) => ({ from: formatInstant(fromMs), zone })),
  });

  server.get("/patients/:patientId/zones", { config: { access: { who: "patient", scope: "view" } }, schema: schemaOf("Zones that a patient lived by") }, async (request) =>
    withPatient(context, request, async (tx, patient) => reply(await readZones(tx, patient.id))));

  server.put("/patients/:patientId/zones", { config: { access: { who: "patient", scope: "manage" } }, schema: { ...schemaOf("Replace the whole list of zones"), body: zonesRequest } }, async (request) =>
    withPatient(context, request, async (tx, patient, actor) => {
      const entries = entriesOf(request.body.data);
      await audit(tx, actor.organizationId, { action: "zones.replaced", actorUserId: actor.userId, patientId: patient.id, objectType: "zones", requestId: request.id });
      return reply(await replaceZones(tx, { organizationId: actor.organizationId, patientId: patient.id }, entries));
    }));

  server.post("/patients/:patientId/zones", { config: { access: { who: "patient", scope: "manage" } }, schema: { ...schemaOf("Say from when on a patient lives by a zone, e.g. that they are in Tokyo now"), body: zoneRequest } }, async (request) =>
    withPatient(context, request, async (tx, patient, actor) => {
      const { from, zone } = request.body;
      const entry = entryOf({ from: from ?? formatInstant(context.clock.now()), zone }, "/body");
      await audit(tx, actor.organizationId, { action: "zones.added", actorUserId: actor.userId, patientId: patient.id, objectType: "zones", requestId: request.id });
      return reply(await addZone(tx, { organizationId: actor.organizationId, patientId: patient.id }, entry));
    }));
}

/** Throws InvalidInput naming the first entry that cannot be. */
function entriesOf(given: readonly { readonly from: string; readonly zone: string }[]): ZoneEntry[] {
  const entries = given.map((entry, index) => entryOf(entry, `/body/data/${index}`));
  const disorder = entries.findIndex(({ fromMs }, index) => index > 0 && entries[index - 1]!.fromMs >= fromMs);
  if (disorder >= 0) {
    throw new InvalidInput("Zones must ascend by from.", { issues: [{ pointer: `/body/data/${disorder}/from`, detail: `an instant after ${formatInstant(entries[disorder - 1]!.fromMs)}, that of the entry before` }] });
  }
  return entries;
}

function entryOf({ from, zone }: { readonly from: string; readonly zone: string }, pointer: string): ZoneEntry {
  const parsed = parseInstant(from);
  if (!parsed) throw new InvalidInput("from is no instant.", { issues: [{ pointer: `${pointer}/from`, detail: "use RFC 3339 with an offset, e.g. 2026-03-02T06:30:00Z" }] });
  if (!isZoneName(zone)) throw new InvalidInput("zone is no IANA zone.", { issues: [{ pointer: `${pointer}/zone`, detail: "use a name of the IANA database, e.g. Asia/Tokyo; an offset such as +09:00 is none" }] });
  return { fromMs: parsed.ms, zone };
}
