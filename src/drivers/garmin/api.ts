/** Garmin's endpoints. All lie below `/wellness-api/rest/`. Source: vendors/garmin.md. */
import { z } from "zod";
import { InvalidInput, ProviderContractBroken, ReauthorizationRequired } from "#errors.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import { parseEnvelope } from "#driver/payload.ts";
import { MINUTE_MS, parseTime, type Window } from "#units/time.ts";
import { endpoints } from "./auth.ts";
import { BACKFILL_WINDOW_MS, summaryType } from "./summary-types.ts";

const ROOT = "/wellness-api/rest/";
const BACKFILL_WINDOW_S = BACKFILL_WINDOW_MS / 1000;
const VENDOR_API = endpoints({}).api;

const userId = z.looseObject({ userId: z.string().min(1) });
// The guide prints a bare array; two code bases see an object.
const permissions = z.union([
  z.array(z.string()),
  z.looseObject({ permissions: z.array(z.string()) }).transform((answer) => answer.permissions),
]);

/** The person's stable id and permissions (null when Garmin does not tell them). Throws ProviderContractBroken without an id. */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const answer = await call.fetch(`${ROOT}user/id`);
  const { userId: vendorUserId } = parseEnvelope(userId, answer.json(), "Garmin user id");
  return { vendorUserId, grantedScopes: await readPermissions(call) };
}

async function readPermissions(call: DriverCall): Promise<readonly string[] | null> {
  const answer = await call.fetch(`${ROOT}user/permissions`, { accept: [400, 403, 404, 412] });
  if (answer.status >= 400) return null;
  const parsed = permissions.safeParse(answer.json());
  // Just after the consent the list can lag behind it, and be empty. Nobody connects to allow nothing: that is "not told yet".
  return parsed.success && parsed.data.length > 0 ? parsed.data : null;
}

/**
 * A window asks for a back-fill, which gives no page: the data comes by webhook, minutes to hours later. A URL is the
 * `callbackURL` of a ping and gives one page. Throws InvalidInput for any other address and for object ids, ProviderRefused
 * when the person has not given the permission (403, 412).
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  const type = summaryType(request.resource);
  if (!type) throw new InvalidInput("Garmin has no such summary type.");
  if ("url" in request) {
    yield { resource: type.name, body: await readCallback(call, request.url) };
  } else if ("window" in request) {
    if (type.backfill === undefined) throw new InvalidInput(`Garmin back-fills no ${type.name}.`);
    await requestBackfill(call, type.backfill, request.window);
  } else {
    throw new InvalidInput("Garmin gives no single objects by id.");
  }
}

/** Newest stretch first, so that reaching the end of the vendor's history ends the asking. */
async function requestBackfill(call: DriverCall, path: string, window: Window): Promise<void> {
  const startS = Math.floor(window.fromMs / 1000);
  for (let toS = Math.ceil(window.toMs / 1000); toS > startS; toS -= BACKFILL_WINDOW_S) {
    const fromS = Math.max(startS, toS - BACKFILL_WINDOW_S);
    const refusal = await askBackfill(call, path, { fromS, toS });
    if (refusal === null) continue;
    const earliestS = earliestStart(refusal);
    if (earliestS !== null && earliestS > fromS && earliestS < toS) await askBackfill(call, path, { fromS: earliestS, toS });
    return;
  }
}

/** Null when the back-fill was accepted; the vendor's words when it was not. */
async function askBackfill(call: DriverCall, path: string, { fromS, toS }: { fromS: number; toS: number }): Promise<string | null> {
  const answer = await call.fetch(`${ROOT}backfill/${path}`, {
    query: { summaryStartTimeInSeconds: fromS, summaryEndTimeInSeconds: toS },
    // 409: asked for before, and nothing more will come for it. 400: further back than Garmin keeps, or a type that the operator has
    // not enabled at Garmin and that never comes; other types must not wait for it.
    accept: [400, 409],
  });
  return answer.status === 400 ? new TextDecoder().decode(answer.body) : null;
}

/** How far back Garmin goes is told only in the words of its refusal: epoch seconds or an ISO time. */
function earliestStart(refusal: string): number | null {
  const seconds = /\b\d{10}\b/.exec(refusal)?.[0];
  if (seconds !== undefined) return Number(seconds);
  const time = parseTime(/\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?/.exec(refusal)?.[0] ?? "");
  return time && Math.ceil((time.wallMs - (time.offsetMinutes ?? 0) * MINUTE_MS) / 1000);
}

const summaries = z.array(z.looseObject({ userId: z.string().optional() }));

async function readCallback(call: DriverCall, url: string): Promise<Uint8Array> {
  const answer = await call.fetch(callbackPath(url, endpoints(call.settings).api));
  const list = parseEnvelope(summaries, answer.json(), "Garmin callback answer");
  const own = call.account.vendorUserId;
  const foreign = list.findIndex((item) => own !== null && item.userId !== undefined && item.userId !== own);
  if (foreign >= 0) {
    throw new ProviderContractBroken("Garmin answered a callback with another person's data.", `/${foreign}/userId`);
  }
  return answer.body;
}

/**
 * Path and query of a callback below the API root, to be asked at `api`. A notification is not signed, so its address is believed
 * only at the vendor's own host (or the host that stands for it) and below `/wellness-api/rest/`; throws InvalidInput (OA-26).
 */
export function callbackPath(url: string, api: string): string {
  const parsed = URL.parse(url);
  for (const base of [api, VENDOR_API]) {
    const root = new URL(base.replace(/\/$/, "") + ROOT);
    if (!parsed || parsed.origin !== root.origin || !parsed.pathname.startsWith(root.pathname)) continue;
    const rest = parsed.pathname.slice(root.pathname.length);
    if (parsed.username === "" && parsed.password === "" && /^[A-Za-z0-9/_-]+$/.test(rest)) return ROOT + rest + parsed.search;
  }
  throw new InvalidInput("The callback address of a Garmin notification is not Garmin's.");
}

/** Ends the registration, as Garmin's programme demands. A registration that is gone already is no error. */
export async function revoke(call: DriverCall): Promise<void> {
  try {
    await call.fetch(`${ROOT}user/registration`, { method: "DELETE", accept: [401, 403, 404] });
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}
