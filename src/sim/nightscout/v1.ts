/** Version 1 of the API. vendors/nightscout.md, v1 endpoints. */

import { DAY_MS, formatInstant } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer, Call, Route } from "../exchange.ts";
import { header, json } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { readerOf, unauthorized, visitorOf } from "./access.ts";
import { asV1, isStored, type Doc } from "./doc.ts";
import { entryDocs } from "./entries.ts";
import { readFind } from "./query.ts";
import { deviceStatus, profileOf, settingsOf, VERSION } from "./status.ts";
import { treatmentDocs } from "./treatments.ts";

type Handler = (person: Person, call: Call) => Answer;

/** Carbohydrates may be written ahead of their time by so much. */
const AHEAD_MS = DAY_MS;

export function v1Routes(context: CloudContext): Route[] {
  const visited = (handle: Handler): Route["handle"] => (call) => {
    const person = readerOf(visitorOf(context, call));
    return person ? handle(person, call) : unauthorized();
  };
  const get = (path: string, handle: Handler): Route[] =>
    [path, `${path}.json`].map((each): Route => ({ method: "GET", path: `/api/v1/${each}`, door: "data", handle: visited(handle) }));
  return [
    ...get("status", (person) => json(200, statusOf(context, person))),
    ...get("entries", (person, call) => entries(context, person, call, null)),
    ...["sgv", "mbg", "cal"].flatMap((type) => get(`entries/${type}`, (person, call) => entries(context, person, call, type))),
    ...get("entries/current", (person) => json(200, current(context, person))),
    ...get("treatments", (person, call) => treatments(context, person, call)),
    ...get("profile", (person) => json(200, [profileOf(context, person)])),
    ...get("devicestatus", (person) => json(200, [deviceStatus(context, person)])),
    ...get("food", () => json(200, [])),
    ...get("activity", () => json(200, [])),
  ];
}

function statusOf(context: CloudContext, person: Person): object {
  return {
    status: "ok", name: "Nightscout", version: VERSION, serverTime: formatInstant(context.now()), serverTimeEpoch: context.now(), apiEnabled: true,
    careportalEnabled: true, boluscalcEnabled: false, settings: settingsOf(person), extendedSettings: {}, authorized: null, runtimeState: "loaded",
  };
}

function entries(context: CloudContext, person: Person, call: Call, type: string | null): Answer {
  const parsed = readFind(call.query, "date", context.now());
  if ("refusal" in parsed) return mongoError(parsed.refusal.message);
  const { asked } = parsed;
  const docs = entryDocs(context, person, asked.fromMs, Math.min(asked.toMs, context.now()));
  const found = listed(context, docs, asked, Number(call.query.get("count") ?? 10)).filter((document) => type === null || document["type"] === type);
  const isText = !call.path.endsWith(".json") && !header(call, "accept").includes("application/json");
  return isText ? asTable(found) : json(200, found);
}

/** What comes back when nobody asks for JSON. */
function asTable(found: readonly Record<string, unknown>[]): Answer {
  const rows = found.map((one) => ["dateString", "date", "sgv", "direction", "device"].map((name) => JSON.stringify(one[name] ?? null)).join("\t"));
  return { status: 200, type: "text/tab-separated-values", body: rows.join("\r\n") };
}

function current(context: CloudContext, person: Person): object[] {
  const nowMs = context.now();
  return entryDocs(context, person, nowMs - DAY_MS, nowMs).filter((doc) => isStored(doc, nowMs)).slice(-1).map((doc) => asV1(doc, nowMs));
}

function treatments(context: CloudContext, person: Person, call: Call): Answer {
  const parsed = readFind(call.query, "created_at", context.now());
  if ("refusal" in parsed) return mongoError(parsed.refusal.message);
  const { asked } = parsed;
  const hasFind = [...call.query.keys()].some((name) => name.startsWith("find["));
  const docs = treatmentDocs(context, person, asked.fromMs, Math.min(asked.toMs, context.now() + AHEAD_MS));
  // What a program left out comes back as null.
  const found = listed(context, docs, asked, Number(call.query.get("count") ?? (hasFind ? 1000 : 100)));
  return json(200, found.map((one) => ({ carbs: null, insulin: null, ...one })));
}

/** Newest first. */
function listed(context: CloudContext, docs: readonly Doc[], asked: { matches(document: Record<string, unknown>, atMs: number): boolean }, count: number): Record<string, unknown>[] {
  const nowMs = context.now();
  const found: Record<string, unknown>[] = [];
  for (const doc of docs.toReversed()) {
    if (found.length >= count) break;
    if (isStored(doc, nowMs) && asked.matches(asV1(doc, nowMs), doc.atMs)) found.push(asV1(doc, nowMs));
  }
  return found;
}

function mongoError(description: string): Answer {
  return json(500, { status: 500, message: "Mongo Error", description });
}
