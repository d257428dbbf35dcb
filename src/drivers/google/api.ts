/** Google Health's endpoints. Source: vendors/google-health.md. */
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { VendorResponse } from "#http/types.ts";
import { scopesOf } from "#oauth/scopes.ts";
import { DAY_MS, HOUR_MS, isZone, MINUTE_MS, parseInstant, type Window } from "#units/time.ts";
import { auth, scopeOf } from "./auth.ts";
import { dataType, DELETED, filterName, mostRollUpDays, resourceName, valueKey, type DataType } from "./data-types.ts";
import { isObject } from "./map-place.ts";
import * as schema from "./schema.ts";

const ME = "/v4/users/me";
/** Sleeps and exercises come in small pages only. */
const PAGE_SIZE: Readonly<Record<string, number>> = { sleep: 25, exercise: 25 };
const LARGEST_PAGE = 10_000;
/** Two million points in one window: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 200;

/** Civil times of a window lie between those of the zones furthest west and east. */
const FARTHEST_WEST_MS = 12 * HOUR_MS;
const FARTHEST_EAST_MS = 14 * HOUR_MS;
/** Sleeps are found by their end alone: who fell asleep in the window wakes up within a day of it. */
const LONGEST_SLEEP_MS = DAY_MS;

/**
 * Who this is, where the clock of the account stands, and which Fitbit account it was. Throws ProviderContractBroken without an id, ProviderRefused
 * where the Google account has no Google Health profile.
 */
export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const answer = await explained(() => call.fetch(`${ME}/identity`));
  const { healthUserId, legacyUserId } = parseEnvelope(schema.identity, answer.json(), "Google Health identity");
  const zone = await readZone(call);
  return {
    vendorUserId: healthUserId,
    grantedScopes: call.account.grantedScopes,
    ...(zone === null ? {} : { zone }),
    ...(legacyUserId ? { formerly: { provider: "fitbit", vendorUserId: legacyUserId } } : {}),
  };
}

/** Null when the person did not allow it, or the account has none. */
async function readZone(call: DriverCall): Promise<string | null> {
  if (!isGranted(call, "settings")) return null;
  const answer = await call.fetch(`${ME}/settings`, { accept: [400, 403, 404] });
  if (answer.status >= 400) return null;
  const { timeZone } = parseEnvelope(schema.settings, answer.json(), "Google Health settings");
  return timeZone && isZone(timeZone) ? timeZone : null;
}

/** Unknown where the vendor did not say: then the vendor decides. */
function isGranted({ account: { grantedScopes } }: DriverCall, family: string): boolean {
  return grantedScopes === null || grantedScopes.includes(scopeOf(family));
}

/**
 * One data type by window: pages as Google sent them, newest first; totals of days in stretches as long as Google allows, oldest first. Of a resource
 * that ends in `:deleted` one page, with the window in it. Gives nothing where the operator does not ask for the type's scope. Throws InvalidInput for
 * anything else, ProviderRefused (403) for what the person did not allow, ReauthorizationRequired for an account that refuses everything,
 * ProviderContractBroken for another person's points and for pages without an end.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  const type = dataType(request.resource.endsWith(DELETED) ? request.resource.slice(0, -DELETED.length) : request.resource);
  if (!type?.pull || !("window" in request)) throw new InvalidInput("Google Health gives its data types by window.");
  if (!scopesOf(auth, call.settings).includes(scopeOf(type.family))) return;
  if (!isGranted(call, type.family)) throw new ProviderRefused(`The person has not allowed reading ${type.family} at Google.`, 403, "");
  if (type.operation === "dailyRollUp") yield* pullDays(call, type, request.window);
  else if (request.resource.endsWith(DELETED)) yield await readAgain(call, type, request.window);
  else yield* pullPoints(call, type, request.window);
}

async function* pullPoints(call: DriverCall, type: DataType, window: Window): AsyncIterable<PulledPage> {
  const path = `${ME}/dataTypes/${type.name}/dataPoints${type.operation === "reconcile" ? ":reconcile" : ""}`;
  const query = {
    filter: filterOf(type, window),
    pageSize: PAGE_SIZE[type.name] ?? LARGEST_PAGE,
    ...(type.operation === "reconcile" ? sourceFamily(call) : {}),
  };
  const pages = pagesOf(type, async (pageToken) => ask(call, type, () => call.fetch(path, { query: { ...query, ...(pageToken ? { pageToken } : {}) } })), (answer) => {
    const { dataPoints, nextPageToken } = parseEnvelope(schema.points, answer.json(), `answer of Google's ${type.name}`);
    mustBeOwn(call, dataPoints ?? []);
    return nextPageToken;
  });
  for await (const page of pages) yield type.shape === "ecg" ? endingBefore(page, type, window.toMs) : page;
}

/** The page without what Google could not be asked to leave out: points that start at the window's end or later. Unreadable ones stay, to be reported. */
function endingBefore({ resource, body }: PulledPage, type: DataType, toMs: number): PulledPage {
  const page = JSON.parse(new TextDecoder().decode(body)) as { readonly dataPoints?: readonly unknown[] | null };
  const startOf = (point: unknown): number => {
    const value = isObject(point) ? point[valueKey(type.name)] : undefined;
    const interval = isObject(value) ? value["interval"] : undefined;
    const text = isObject(interval) ? interval["startTime"] : undefined;
    return (typeof text === "string" ? parseInstant(text)?.ms : undefined) ?? Number.NEGATIVE_INFINITY;
  };
  const dataPoints = (page.dataPoints ?? []).filter((point) => startOf(point) < toMs);
  return { resource, body: new TextEncoder().encode(JSON.stringify({ ...page, dataPoints })) };
}

function sourceFamily({ settings }: DriverCall): { readonly dataSourceFamily?: string } {
  const family = settings["data_sources"] ?? "all-sources";
  return family === "all-sources" ? {} : { dataSourceFamily: `users/me/dataSourceFamilies/${family}` };
}

/** By what a type can be filtered depends on where its points lie in time; only `>=`, `<` and AND are understood. */
function filterOf(type: DataType, { fromMs, toMs }: Window): string {
  const name = filterName(type.name);
  const between = (field: string, from: string, to: string): string => `${name}.${field} >= "${from}" AND ${name}.${field} < "${to}"`;
  switch (type.shape) {
    case "sample":
      return between("sample_time.physical_time", instant(fromMs), instant(toMs));
    case "interval":
      return between("interval.start_time", instant(fromMs), instant(toMs));
    case "daily": {
      const [from, to] = datesOf({ fromMs, toMs });
      return between("date", dateText(from), dateText(to));
    }
    case "session":
      return between("interval.civil_start_time", civilText(fromMs - FARTHEST_WEST_MS), civilText(toMs + FARTHEST_EAST_MS));
    case "sleep":
      return between("interval.end_time", instant(fromMs), instant(toMs + LONGEST_SLEEP_MS));
    default:
      // There is no upper bound for electrocardiograms.
      return `${name}.interval.start_time >= "${instant(fromMs)}"`;
  }
}

const instant = (ms: number): string => new Date(ms).toISOString();
const civilText = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
const dateText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Days since 1970 that the window touches in any time zone, the end exclusive: Google counts by the person's own dates, which we do not know here. */
function datesOf({ fromMs, toMs }: Window): readonly [from: number, to: number] {
  return [Math.floor((fromMs - FARTHEST_WEST_MS) / DAY_MS), Math.floor((toMs - 1 + FARTHEST_EAST_MS) / DAY_MS) + 1];
}

async function* pullDays(call: DriverCall, type: DataType, window: Window): AsyncIterable<PulledPage> {
  const path = `${ME}/dataTypes/${type.name}/dataPoints:dailyRollUp`;
  const [first, end] = datesOf(window);
  for (let day = first; day < end; day += mostRollUpDays(type.name)) {
    call.signal.throwIfAborted();
    const range = { start: civilDate(day), end: civilDate(Math.min(day + mostRollUpDays(type.name), end)) };
    const json = { range, windowSizeDays: 1, ...sourceFamily(call) };
    const send = async (pageToken: string | null): Promise<VendorResponse | null> =>
      ask(call, type, () => call.fetch(path, { method: "POST", json: pageToken ? { ...json, pageToken } : json }));
    yield* pagesOf(type, send, (answer) => parseEnvelope(schema.rollUps, answer.json(), `totals of Google's ${type.name}`).nextPageToken);
  }
}

function civilDate(day: number): { readonly date: { readonly year: number; readonly month: number; readonly day: number } } {
  const date = new Date(day * DAY_MS);
  return { date: { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() } };
}

/** Follows page tokens. Throws ProviderContractBroken when one comes again, or when they do not end. */
async function* pagesOf(
  type: DataType, send: (pageToken: string | null) => Promise<VendorResponse | null>, read: (answer: VendorResponse) => string | null | undefined,
): AsyncIterable<PulledPage> {
  const seen = new Set<string>();
  let pageToken: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await send(pageToken);
    if (answer === null) return;
    const next = read(answer);
    if (next && seen.has(next)) throw new ProviderContractBroken(`Google gives the same page of ${type.name} again and again.`, "/nextPageToken");
    yield { resource: resourceName(type), body: answer.body };
    if (!next) return;
    seen.add(next);
    pageToken = next;
  }
  throw new ProviderContractBroken(`Google gives more than ${MOST_PAGES} pages of ${type.name}.`, "/nextPageToken");
}

/**
 * After a deletion: all that is left in the window as one page that says so. The window is widened to whole minutes, and asked as for any pull, so that
 * what starts in it is in the page.
 */
async function readAgain(call: DriverCall, type: DataType, window: Window): Promise<PulledPage> {
  const [fromMs, toMs] = [Math.floor(window.fromMs / MINUTE_MS) * MINUTE_MS, Math.ceil(window.toMs / MINUTE_MS) * MINUTE_MS];
  const dataPoints: unknown[] = [];
  for await (const { body } of pullPoints(call, type, { fromMs, toMs })) {
    const page = JSON.parse(new TextDecoder().decode(body)) as { readonly dataPoints?: readonly unknown[] | null };
    for (const point of page.dataPoints ?? []) dataPoints.push(point);
  }
  return { resource: resourceName(type), body: new TextEncoder().encode(JSON.stringify({ replaces: { fromMs, toMs }, dataPoints })) };
}

/** Another person's points must never land here (VA-15). A point's name says whose it is; "me" is who asked. */
function mustBeOwn({ account: { vendorUserId } }: DriverCall, points: readonly unknown[]): void {
  if (vendorUserId === null) return;
  for (const [index, point] of points.entries()) {
    const name = isObject(point) ? (point["dataPointName"] ?? point["name"]) : undefined;
    const owner = typeof name === "string" ? /^users\/([^/]+)\//.exec(name)?.[1] : undefined;
    if (owner !== undefined && owner !== "me" && owner !== vendorUserId) {
      throw new ProviderContractBroken("Google answered with another person's data.", `/dataPoints/${index}/name`);
    }
  }
}

/** One call for a data type. Null when Google refuses a type that its own documents do not have. */
async function ask(call: DriverCall, type: DataType, send: () => Promise<VendorResponse>): Promise<VendorResponse | null> {
  try {
    return await explained(send);
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error;
    if (error.vendorStatus === 400 && type.isUndocumented && !isUnlinked(error)) return null;
    if (error.vendorStatus === 403 && saysDenied(error.vendorBody()) && (await isRefusedAltogether(call))) {
      throw new ReauthorizationRequired("Google refuses everything of this account: it must be connected again.", { cause: error });
    }
    throw error;
  }
}

/** Puts into words what only the answer's body tells. */
async function explained(send: () => Promise<VendorResponse>): Promise<VendorResponse> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ProviderRefused) || !isUnlinked(error)) throw error;
    throw new ProviderRefused(
      "The Google account has no Google Health profile: the person must set up the Fitbit or Google Health app once.", error.vendorStatus,
      error.vendorBody(), { cause: error },
    );
  }
}

const isUnlinked = (error: ProviderRefused): boolean => error.vendorStatus === 400 && error.vendorBody().includes("ACCOUNT_NOT_LINKED");
const saysDenied = (body: string): boolean => body.includes("RESOURCE_PERMISSION_DENIED");

/** An account that moved from Fitbit half-way refuses even who it is; only a new consent helps. */
async function isRefusedAltogether(call: DriverCall): Promise<boolean> {
  const answer = await call.fetch(`${ME}/identity`, { accept: [403] });
  return answer.status === 403 && saysDenied(new TextDecoder().decode(answer.body));
}
