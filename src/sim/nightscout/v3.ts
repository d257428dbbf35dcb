/** Version 3 of the API, reading. vendors/nightscout.md, v3 endpoints. */

import { DAY_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { header, json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { bearerOf } from "./access.ts";
import { asV3, isDeleted, isStored, srvModifiedOf, type Doc } from "./doc.ts";
import { entryDocs } from "./entries.ts";
import { instantOf, readSearch } from "./query.ts";
import { deviceStatus, profileOf, VERSION } from "./status.ts";
import { treatmentDocs } from "./treatments.ts";

const MAX_LIMIT = 1000;
/** A document about a time that far back may still change. */
const CHANGED_MS = 2 * DAY_MS;
const COLLECTIONS = ["entries", "treatments", "devicestatus", "food", "profile"] as const;
type Collection = (typeof COLLECTIONS)[number];

interface Visit {
  readonly context: CloudContext;
  readonly call: Call;
  readonly person: Person;
  readonly collection: Collection;
}

export function v3Routes(context: CloudContext): Route[] {
  const open = (handle: (call: Call) => Answer): Route["handle"] => (call) => (context.position("apiV3") === "absent" ? absent() : handle(call));
  const visited = (handle: (visit: Visit) => Answer): Route["handle"] => open((call) => {
    const person = bearerOf(context, call);
    if (!person) return v3Error(401, "Missing or bad access token or JWT");
    const collection = COLLECTIONS.find((name) => name === call.params["collection"]);
    if (!collection) return v3Error(404, "Bad operation or collection");
    return handle({ context, call, person, collection });
  });
  const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path: `/api/v3/${path}`, door: "data", handle });
  return [
    get("version", open(() => json(200, { status: 200, result: versions(context) }))),
    get("status", open((call) => (bearerOf(context, call) ? json(200, { status: 200, result: { ...versions(context), apiPermissions: Object.fromEntries(COLLECTIONS.map((name) => [name, "r"])) } }) : v3Error(401, "Missing or bad access token or JWT")))),
    get("lastModified", open((call) => lastModified(context, call))),
    get(":collection", visited(search)),
    get(":collection/history", visited((visit) => history(visit, httpDate(header(visit.call, "last-modified"))))),
    get(":collection/history/:since", visited((visit) => history(visit, later(instantOf(visit.call.params["since"] ?? ""))))),
    get(":collection/:identifier", visited(one)),
  ];
}

function versions(context: CloudContext): object {
  return { version: VERSION, apiVersion: "3.0.3-alpha", srvDate: context.now(), storage: { storage: "mongodb", version: "6.0" } };
}

/** A server from before version 3. */
function absent(): Answer {
  return { status: 404, type: "text/html; charset=utf-8", body: "<!doctype html><title>Not found</title><p>Cannot GET that.</p>" };
}

export function v3Error(status: number, message: string): Answer {
  return json(status, { status, message });
}

function docsIn({ context, person, collection }: Visit, fromMs: number, toMs: number): Doc[] {
  const untilMs = Math.min(toMs, context.now() + DAY_MS);
  if (collection === "entries") return entryDocs(context, person, fromMs, Math.min(untilMs, context.now()));
  return collection === "treatments" ? treatmentDocs(context, person, fromMs, untilMs) : [];
}

function search(visit: Visit): Answer {
  const { context, call, collection, person } = visit;
  const limit = Number(call.query.get("limit") ?? MAX_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) return v3Error(400, "Parameter limit out of tolerance");
  const skip = Number(call.query.get("skip") ?? 0);
  if (!Number.isInteger(skip) || skip < 0) return v3Error(400, "Parameter skip out of tolerance");
  if (call.query.has("sort") && call.query.has("sort$desc")) return v3Error(400, "Parameters sort and sort_desc cannot be combined");
  const parsed = readSearch(call.query, ["date", "created_at"]);
  if ("refusal" in parsed) return v3Error(parsed.refusal.status, parsed.refusal.message);
  const nowMs = context.now();
  if (collection === "profile") return found([withoutId(profileOf(context, person))]);
  if (collection === "devicestatus") return found([withoutId(deviceStatus(context, person))]);
  const { asked } = parsed;
  const docs = docsIn(visit, asked.fromMs, asked.toMs)
    // What was deleted is hidden here.
    .filter((doc) => isStored(doc, nowMs) && !isDeleted(doc, nowMs) && asked.matches(asV3(doc, nowMs), doc.atMs));
  const ordered = call.query.has("sort$desc") ? docs.toReversed() : docs;
  return found(ordered.slice(skip, skip + limit).map((doc) => chosen(asV3(doc, nowMs), call.query.get("fields"))));
}

const found = (result: object): Answer => json(200, { status: 200, result });

function withoutId({ _id, ...body }: Record<string, unknown>): object {
  return { identifier: _id, ...body };
}

function chosen(document: Record<string, unknown>, fields: string | null): object {
  if (fields === null || fields === "_all") return document;
  return Object.fromEntries(fields.split(",").flatMap((name) => (name in document ? [[name, document[name]]] : [])));
}

const later = (ms: number | null): number | null => (ms === null ? null : ms + 1);

function httpDate(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000) * 1000;
}

/** What was changed at `fromMs` or later, deletions too. Documents of version 1 have no time of change and are not there. */
function history(visit: Visit, fromMs: number | null): Answer {
  if (fromMs === null) return v3Error(400, "Bad or missing Last-Modified header/parameter");
  const nowMs = visit.context.now();
  const changed = docsIn(visit, fromMs - CHANGED_MS, nowMs + DAY_MS)
    .filter((doc) => doc.identifier !== null && isStored(doc, nowMs) && srvModifiedOf(doc, nowMs) >= fromMs)
    .toSorted((a, b) => srvModifiedOf(a, nowMs) - srvModifiedOf(b, nowMs))
    .slice(0, Number(visit.call.query.get("limit") ?? MAX_LIMIT));
  const last = changed.at(-1);
  const answer = json(200, { status: 200, result: changed.map((doc) => asV3(doc, nowMs)) });
  if (!last) return answer;
  const lastMs = srvModifiedOf(last, nowMs);
  return { ...answer, headers: { ...answer.headers, etag: `W/"${lastMs}"`, "last-modified": new Date(lastMs).toUTCString() } };
}

function one(visit: Visit): Answer {
  const { context, call } = visit;
  const nowMs = context.now();
  const identifier = call.params["identifier"] ?? "";
  const doc = docsIn(visit, nowMs - 14 * DAY_MS, nowMs + DAY_MS).find((each) => (each.identifier ?? each.id) === identifier && isStored(each, nowMs));
  if (!doc) return json(404, { status: 404 });
  return isDeleted(doc, nowMs) ? json(410, { status: 410 }) : found(asV3(doc, nowMs));
}

function lastModified(context: CloudContext, call: Call): Answer {
  const person = bearerOf(context, call);
  if (!person) return v3Error(401, "Missing or bad access token or JWT");
  const nowMs = context.now();
  const newest = (docs: readonly Doc[]): number => Math.max(...docs.filter((doc) => isStored(doc, nowMs)).map((doc) => srvModifiedOf(doc, nowMs)));
  const collections = { entries: newest(entryDocs(context, person, nowMs - DAY_MS, nowMs)), treatments: newest(treatmentDocs(context, person, nowMs - DAY_MS, nowMs)) };
  return json(200, { status: 200, result: { srvDate: nowMs, collections: Object.fromEntries(Object.entries(collections).filter(([, ms]) => Number.isFinite(ms))) } });
}
