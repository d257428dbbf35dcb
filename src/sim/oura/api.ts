/** Oura's data doors. vendors/oura.md, Data endpoints. */

import type { CloudContext } from "../cloud.ts";
import { knownPerson } from "../context.ts";
import type { Answer, Route } from "../exchange.ts";
import { bearer, json } from "../exchange.ts";
import { dateOfUuid } from "../people/dated.ts";
import type { Person } from "../people/person.ts";
import type { Collection, Scoped } from "./collections.ts";
import { COLLECTIONS, RING, scopesOf, SERIES } from "./collections.ts";
import type { CallLimits } from "./limits.ts";
import type { Visit } from "./lists.ts";
import { listDocuments, listSamples, showing } from "./lists.ts";
import { ouraRefusal } from "./refusal.ts";
import { personalInfo, ringConfigurations } from "./ring.ts";
import type { OuraWorld } from "./world.ts";

const ROOT = "/v2/usercollection";
const SANDBOX = "/v2/sandbox/usercollection";

export function ouraApiRoutes(world: OuraWorld, limits: CallLimits): Route[] {
  return [...routesAt(world, limits, ROOT, (person) => person), ...routesAt(world, limits, SANDBOX, (person) => standIn(world.context, person))];
}

/** The sandbox tells everybody of somebody else. */
function standIn({ people }: CloudContext, person: Person): Person {
  return people[(people.indexOf(person) + 1) % people.length] ?? person;
}

function routesAt(world: OuraWorld, limits: CallLimits, root: string, tellsOf: (person: Person) => Person): Route[] {
  const { context } = world;
  const visited = (handle: (visit: Visit) => Answer): Route["handle"] => (call) => {
    const grant = context.grants.find(bearer(call) ?? "");
    return limits.counted(grant, () => {
      if (!grant) return ouraRefusal(401, "The access token is unknown, expired or revoked");
      if (context.position("account") === "app outdated") return ouraRefusal(426, "The Oura app is too old to share this data");
      return handle({ ...world, call, grant, person: tellsOf(knownPerson(context, grant.personId)) });
    });
  };
  const get = (path: string, scoped: Scoped, handle: (visit: Visit) => Answer): Route => ({
    method: "GET", path: `${root}/${path}`, door: "data", handle: visited((visit) => refusedTo(visit, scoped) ?? handle(visit)),
  });
  return [
    { method: "GET", path: `${root}/personal_info`, door: "data", handle: visited((visit) => json(200, personalInfo(visit, visit.person, visit.grant.scopes))) },
    ...COLLECTIONS.flatMap((collection) => [
      get(collection.name, collection, (visit) => listDocuments(visit, collection)),
      get(`${collection.name}/:document_id`, collection, (visit) => oneDocument(visit, collection)),
    ]),
    get(RING.name, RING, (visit) => json(200, { data: ringConfigurations(visit, visit.person).map(showing(visit.call)), next_token: null })),
    get(`${RING.name}/:document_id`, RING, oneRing),
    ...SERIES.map((series) => get(series.name, series, (visit) => listSamples(visit, series))),
  ];
}

/** A missing scope closes this collection alone. */
function refusedTo({ context, grant }: Visit, scoped: Scoped): Answer | null {
  if (context.position("account") === "membership expired") return ouraRefusal(403, "The user's Oura membership has expired");
  const wanted = scopesOf(context, scoped);
  if (wanted.some((scope) => grant.scopes.includes(scope))) return null;
  return ouraRefusal(context.position("missingScope") === "401" ? 401 : 403, `The token does not have the scope ${wanted[0]}`);
}

function oneDocument(visit: Visit, collection: Collection): Answer {
  const id = visit.call.params["document_id"] ?? "";
  const date = dateOfUuid(id);
  const document = date === null || visit.edits.isDeleted(id) ? undefined : collection.tell(visit, visit.person, date).find((one) => one.id === id);
  if (!document || document.readyMs > visit.context.now()) return ouraRefusal(404, "The document is not found");
  return json(200, { id, ...document.tell() });
}

function oneRing(visit: Visit): Answer {
  const ring = ringConfigurations(visit, visit.person).find(({ id }) => id === visit.call.params["document_id"]);
  return ring ? json(200, ring) : ouraRefusal(404, "The document is not found");
}
