/** Strava's endpoints. Source: vendors/strava.md. */
import { z } from "zod";
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { AppCall, DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { Window } from "#units/time.ts";
import { API, mustBeOwn, pullActivity } from "./activity-pages.ts";
import * as schema from "./schema.ts";

const PER_PAGE = 200;
/** 20,000 activities in one window: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 100;

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
 * `activities` by window: the list, as Strava sent its pages. `activity` by window: every activity in that list as if asked for by its id.
 * `activity` by id: the detail and what hangs on it; `streams` and `zones` by id: those alone. Throws InvalidInput for anything else,
 * ProviderRefused (403) when the person has not allowed reading activities, ProviderContractBroken for another person's activity.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  mustReadActivities(call);
  const { resource } = request;
  if (resource === "activities" && "window" in request) {
    for await (const { body } of listPages(call, request.window)) yield { resource, body };
  } else if (resource === "activity" && "window" in request) {
    for await (const { ids } of listPages(call, request.window)) for (const id of ids) yield* pullActivity(call, id, resource);
  } else if ((resource === "activity" || resource === "streams" || resource === "zones") && "objectId" in request) {
    yield* pullActivity(call, request.objectId, resource);
  } else {
    throw new InvalidInput("Strava gives activities by window, and an activity, its streams or its zones by id.");
  }
}

/** Strava answers 401 to a missing scope, which would look like a dead token: the person's choice is known without asking. */
function mustReadActivities({ account: { grantedScopes } }: DriverCall): void {
  if (grantedScopes === null || grantedScopes.some((scope) => scope === "activity:read" || scope === "activity:read_all")) return;
  throw new ProviderRefused("The person has not allowed reading activities at Strava.", 403, "");
}

const activityList = z.array(schema.ownedActivity);

interface ListPage {
  readonly body: Uint8Array;
  /** Of its activities, in Strava's order: the oldest first. */
  readonly ids: readonly string[];
}

async function* listPages(call: DriverCall, { fromMs, toMs }: Window): AsyncIterable<ListPage> {
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
    const ids = list.map(({ id }) => id).filter((id) => !seen.has(id));
    if (ids.length === 0) {
      throw new ProviderContractBroken("Strava gives the same page of activities again and again.", "/0/id");
    }
    for (const id of ids) seen.add(id);
    yield { body: answer.body, ids };
  }
  throw new ProviderContractBroken(`Strava gives more than ${MOST_PAGES} pages of activities.`, "");
}

/**
 * Ends the authorization. One that is gone already is no error; where the old address is gone, the newer one is asked (RFC 7009), which wants
 * the token as a parameter beside the client's credentials. Without `app` that cannot be: throws ProviderRefused.
 */
export async function revoke(call: DriverCall, app?: AppCall): Promise<void> {
  try {
    const { status } = await call.fetch("/oauth/deauthorize", { method: "POST", accept: app ? [401, 403, 404, 410] : [401, 403] });
    if (!app || (status !== 404 && status !== 410)) return;
    const form = { client_id: app.clientId, client_secret: app.clientSecret, token_type_hint: "access_token" };
    await call.fetch("/oauth/revoke", { method: "POST", tokenInQuery: "token", form });
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}
