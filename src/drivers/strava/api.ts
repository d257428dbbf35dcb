/** Strava's endpoints. Source: vendors/strava.md. */
import { z } from "zod";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { Window } from "#units/time.ts";
import * as schema from "./schema.ts";

const API = "/api/v3";
const PER_PAGE = 200;
/** 20,000 activities in one window: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 100;
const STREAM_KEYS = "time,heartrate,watts,velocity_smooth,cadence,altitude";

/**
 * The athlete's id: from the code exchange, the only token answer that has it, else asked for. Granted scopes stand in the callback
 * of the consent page only, so they are not told here. Throws ProviderContractBroken without an id.
 */
export async function identify(call: DriverCall, tokenAnswer: Readonly<Record<string, unknown>>): Promise<ProviderAccount> {
  const known = schema.athlete.safeParse(tokenAnswer["athlete"]);
  if (known.success) return { vendorUserId: known.data.id, grantedScopes: null };
  const answer = await call.fetch(`${API}/athlete`);
  return { vendorUserId: parseEnvelope(schema.athlete, answer.json(), "Strava athlete").id, grantedScopes: null };
}

/**
 * `activities` by window (pages as Strava sent them); `activity` by id (the detail, then its streams unless the setting or a
 * typed activity forbids; `activity_gone` when Strava has it no more); `streams` by id. Throws InvalidInput for anything else,
 * ProviderRefused (403) when the person has not allowed reading activities, ProviderContractBroken for another person's activity.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  mustReadActivities(call);
  if (request.resource === "activities" && "window" in request) {
    yield* pullActivities(call, request.window);
  } else if ((request.resource === "activity" || request.resource === "streams") && "objectId" in request) {
    yield* pullActivity(call, request.objectId, request.resource);
  } else {
    throw new InvalidInput("Strava gives activities by window, and an activity or its streams by id.");
  }
}

/** Strava answers 401 to a missing scope, which would look like a dead token: the person's choice is known without asking. */
function mustReadActivities({ account: { grantedScopes } }: DriverCall): void {
  if (grantedScopes === null || grantedScopes.some((scope) => scope === "activity:read" || scope === "activity:read_all")) return;
  throw new ProviderRefused("The person has not allowed reading activities at Strava.", 403, "");
}

const activityList = z.array(schema.ownedActivity);

async function* pullActivities(call: DriverCall, { fromMs, toMs }: Window): AsyncIterable<PulledPage> {
  const seen = new Set<string>();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await call.fetch(`${API}/athlete/activities`, {
      // Both bounds are exclusive at Strava; ours are [from, to).
      query: { after: Math.ceil(fromMs / 1000) - 1, before: Math.ceil(toMs / 1000), page, per_page: PER_PAGE },
    });
    const list = parseEnvelope(activityList, answer.json(), "Strava activity list");
    // A short page is not the end: only an empty one is.
    if (list.length === 0) return;
    for (const [index, activity] of list.entries()) mustBeOwn(call, activity, `/${index}`);
    if (list.every((activity) => seen.has(activity.id))) {
      throw new ProviderContractBroken("Strava gives the same page of activities again and again.", "/0/id");
    }
    for (const activity of list) seen.add(activity.id);
    yield { resource: "activities", body: answer.body };
  }
  throw new ProviderContractBroken(`Strava gives more than ${MOST_PAGES} pages of activities.`, "");
}

async function* pullActivity(call: DriverCall, objectId: string, wanted: "activity" | "streams"): AsyncIterable<PulledPage> {
  if (!/^\d{1,20}$/.test(objectId)) throw new InvalidInput("An activity's id at Strava is a number.");
  const answer = await call.fetch(`${API}/activities/${objectId}`, { accept: [404] });
  if (answer.status === 404) {
    // Deleted, or hidden from us: both end the activity here. The refusal does not name it, so we do.
    yield { resource: "activity_gone", body: toBytes({ id: objectId }) };
    return;
  }
  const activity = parseEnvelope(schema.ownedActivity, answer.json(), "Strava activity");
  mustBeOwn(call, activity, "");
  if (activity.id !== objectId) throw new ProviderContractBroken("Strava answered with another activity.", "/id");
  if (wanted === "activity") yield { resource: "activity", body: answer.body };
  // A typed activity has no streams.
  if (activity.manual === true || (wanted === "activity" && call.settings["streams"] === "off")) return;
  yield* pullStreams(call, activity);
}

async function* pullStreams(call: DriverCall, activity: z.infer<typeof schema.ownedActivity>): AsyncIterable<PulledPage> {
  const answer = await call.fetch(`${API}/activities/${activity.id}/streams`, {
    query: { keys: STREAM_KEYS, key_by_type: "true" },
    // None yet, or never: soon after the upload they may be missing.
    accept: [404],
  });
  if (answer.status === 404) return;
  const { start_date, utc_offset, sport_type, device_name, device_watts } = activity;
  const streams = answer.json();
  yield {
    resource: "streams",
    body: toBytes({ activity_id: activity.id, start_date, utc_offset, sport_type, device_name, device_watts, streams }),
  };
}

/** Another person's data must never land here (VA-15). */
function mustBeOwn(call: DriverCall, activity: z.infer<typeof schema.ownedActivity>, path: string): void {
  const owner = activity.athlete?.id ?? null;
  const own = call.account.vendorUserId;
  if (owner !== null && own !== null && owner !== own) {
    throw new ProviderContractBroken("Strava answered with another athlete's activity.", `${path}/athlete/id`);
  }
}

const toBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Ends the authorization. One that is gone already is no error; where the old address is gone, the newer one is asked. */
export async function revoke(call: DriverCall): Promise<void> {
  try {
    const answer = await call.fetch("/oauth/deauthorize", { method: "POST", accept: [401, 403, 404, 410] });
    if (answer.status === 404 || answer.status === 410) await call.fetch("/oauth/revoke", { method: "POST", accept: [401, 403] });
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}
