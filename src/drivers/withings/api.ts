/** Withings' services: all of them POSTed forms with an `action`, all answered with 200. Source: vendors/withings.md. */
import { InvalidInput, ProviderContractBroken, ProviderRefused, ReauthorizationRequired } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { AppCall, DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import type { AuthorizedFetch, VendorResponse } from "#http/types.ts";
import { DAY_MS, HOUR_MS, isZone, type Window } from "#units/time.ts";
import { signatureOf } from "./auth.ts";
import { MEASURE_TYPES } from "./map-measures.ts";
import * as schema from "./schema.ts";
import { statusOf } from "./status.ts";

/** 20,000 rows in one window: nobody has them, a vendor gone wrong may. */
const MOST_PAGES = 100;
/** Dates are the person's, windows are instants: no zone is further from UTC. */
const WIDEST_OFFSET_MS = 14 * HOUR_MS;
const LONGEST_NIGHT_MS = 2 * DAY_MS;

type Form = Readonly<Record<string, string>>;

/** Without data_fields only a part of them comes. */
const ACTIVITY_FIELDS = "steps,distance,elevation,soft,moderate,intense,active,calories,totalcalories,hr_average,hr_min,hr_max,hr_zone_0,hr_zone_1,hr_zone_2,hr_zone_3";
const INTRADAY_FIELDS = "steps,elevation,calories,distance,duration,heart_rate,spo2_auto,rmssd,sdnn1,hrv_quality,core_body_temperature,rr,chest_movement_rate";
const WORKOUT_FIELDS =
  "calories,intensity,manual_distance,manual_calories,manual_intensity,hr_average,hr_min,hr_max,hr_zone_0,hr_zone_1,hr_zone_2,hr_zone_3," +
  "pause_duration,algo_pause_duration,spo2_average,steps,distance,elevation,pool_laps,strokes,pool_length,core_body_temperature_avg";
const SLEEP_FIELDS = "hr,rr,snoring,sdnn_1,rmssd,hrv_quality,mvt_score";
const SUMMARY_FIELDS =
  "total_timeinbed,total_sleep_time,asleepduration,lightsleepduration,deepsleepduration,remsleepduration,sleep_efficiency,sleep_latency," +
  "wakeup_latency,wakeupduration,wakeupcount,waso,nb_rem_episodes,out_of_bed_count,hr_average,hr_min,hr_max,rr_average,rr_min,rr_max," +
  "breathing_disturbances_intensity,snoring,snoringepisodecount,sleep_score,night_events,apnea_hypopnea_index,mvt_score_avg,rmssd_start_avg,rmssd_end_avg";

async function post(fetch: AuthorizedFetch, path: string, form: Form): Promise<VendorResponse> {
  return fetch(path, { method: "POST", form, statusOf });
}

const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * The person's id, from the token answer where it is at hand, and the zone of the device used last. Makes a call in any case, so that it also tells
 * whether the authorization still stands. Throws ProviderContractBroken without an id, ReauthorizationRequired.
 */
export async function identify(call: DriverCall, tokenAnswer: Readonly<Record<string, unknown>>): Promise<ProviderAccount> {
  const known = call.account.vendorUserId;
  const vendorUserId = "userid" in tokenAnswer || known === null ? parseEnvelope(schema.account, tokenAnswer, "Withings token answer").userid : known;
  const zone = await readZone(call);
  return { vendorUserId, grantedScopes: null, ...(zone === null ? {} : { zone }) };
}

/** Null where the person has no device, or has not allowed `user.info`. */
async function readZone({ fetch }: DriverCall): Promise<string | null> {
  try {
    const answer = await post(fetch, "/v2/user", { action: "getdevice" });
    const { body } = schema.openAnswer(schema.devices, answer.json(), "Withings devices");
    let newest: { readonly zone: string; readonly usedS: number } | null = null;
    for (const item of body.devices) {
      const { timezone: zone, last_session_date: usedS } = schema.device.safeParse(item).data ?? {};
      if (zone && isZone(zone) && (!newest || (usedS ?? 0) > newest.usedS)) newest = { zone, usedS: usedS ?? 0 };
    }
    return newest?.zone ?? null;
  } catch (error) {
    if (error instanceof ProviderRefused && error.vendorStatus === 403) return null;
    throw error;
  }
}

/** Lists by date and lists by time, each with what its pages must hold. */
const LISTS = {
  getmeas: {
    path: "/measure", scope: "user.metrics", check: (payload: unknown) => schema.openAnswer(schema.measures, payload, "Withings measures"),
    form: ({ fromMs, toMs }: Window): Form => ({
      action: "getmeas", meastypes: MEASURE_TYPES.join(","), category: "1", startdate: floorSeconds(fromMs), enddate: ceilSeconds(toMs),
    }),
  },
  getactivity: {
    path: "/v2/measure", scope: "user.activity", check: (payload: unknown) => schema.openAnswer(schema.activities, payload, "Withings activities"),
    form: (window: Window): Form => ({ action: "getactivity", ...dates(window), data_fields: ACTIVITY_FIELDS }),
  },
  getworkouts: {
    path: "/v2/measure", scope: "user.activity", check: (payload: unknown) => schema.openAnswer(schema.series, payload, "Withings workouts"),
    form: (window: Window): Form => ({ action: "getworkouts", ...dates(window), data_fields: WORKOUT_FIELDS }),
  },
  heart_list: {
    path: "/v2/heart", scope: null, check: (payload: unknown) => schema.openAnswer(schema.series, payload, "Withings heart list"),
    form: ({ fromMs, toMs }: Window): Form => ({ action: "list", startdate: floorSeconds(fromMs), enddate: ceilSeconds(toMs) }),
  },
} as const;

/** Whether the bounds are inclusive is not documented: nothing falls between two windows that meet within a second. */
const floorSeconds = (ms: number): string => String(Math.floor(ms / 1000));
const ceilSeconds = (ms: number): string => String(Math.ceil(ms / 1000));

function dates({ fromMs, toMs }: Window): Form {
  return { startdateymd: date(fromMs - WIDEST_OFFSET_MS), enddateymd: date(toMs + WIDEST_OFFSET_MS) };
}

/**
 * Pages as Withings sent them; of `sleep` one page a night, made of its summary and the details asked for it. Throws InvalidInput for anything
 * but windows, ProviderRefused (403) without the scope, ProviderContractBroken for pages without end.
 */
export async function* pull(call: DriverCall, request: PullRequest): AsyncIterable<PulledPage> {
  if (!("window" in request)) throw new InvalidInput("Withings is asked by window.");
  // A hint can name any time.
  const window = { fromMs: Math.max(request.window.fromMs, 0), toMs: Math.min(request.window.toMs, call.nowMs + DAY_MS) };
  if (window.fromMs >= window.toMs) return;
  if (Object.hasOwn(LISTS, request.resource)) {
    const { path, scope, check, form } = LISTS[request.resource as keyof typeof LISTS];
    mustHave(call, scope);
    for await (const answer of pages(call, path, form(window))) {
      check(answer.json());
      yield { resource: request.resource, body: answer.body };
    }
  } else if (request.resource === "getintradayactivity") {
    mustHave(call, "user.activity");
    yield* pullIntraday(call, window);
  } else if (request.resource === "sleep") {
    mustHave(call, "user.activity");
    yield* pullNights(call, window);
  } else {
    throw new InvalidInput("Withings has no such resource to be asked by window.");
  }
}

/** What a person has unticked is known without asking. */
function mustHave({ account: { grantedScopes } }: DriverCall, scope: string | null): void {
  if (grantedScopes === null || scope === null || grantedScopes.includes(scope)) return;
  throw new ProviderRefused(`The person has not allowed ${scope} at Withings.`, 403, "");
}

/** Follows `more` and `offset`. */
async function* pages(call: DriverCall, path: string, form: Form): AsyncIterable<VendorResponse> {
  const seen = new Set<number>();
  let offset: number | null = null;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    call.signal.throwIfAborted();
    const answer = await post(call.fetch, path, offset === null ? form : { ...form, offset: String(offset) });
    const { body: next, path: at } = schema.openAnswer(schema.paged, answer.json(), "Withings list");
    yield answer;
    if (!next.more) return;
    offset = next.offset ?? null;
    if (offset === null || seen.has(offset)) throw new ProviderContractBroken("Withings promises more without saying where.", `${at}/offset`);
    seen.add(offset);
  }
  throw new ProviderContractBroken(`Withings gives more than ${MOST_PAGES} pages.`, "/body/more");
}

/** Longer windows are cut after 24 hours without a word. */
async function* pullIntraday(call: DriverCall, { fromMs, toMs }: Window): AsyncIterable<PulledPage> {
  for (let atMs = fromMs; atMs < toMs; atMs += DAY_MS) {
    call.signal.throwIfAborted();
    const answer = await post(call.fetch, "/v2/measure", {
      action: "getintradayactivity", startdate: floorSeconds(atMs), enddate: floorSeconds(Math.min(atMs + DAY_MS, toMs)), data_fields: INTRADAY_FIELDS,
    });
    const { body } = schema.openAnswer(schema.intraday, answer.json(), "Withings intraday activity");
    if (Object.keys(body.series).length > 0) yield { resource: "getintradayactivity", body: answer.body };
  }
}

/** Nights that begin in the window. */
async function* pullNights(call: DriverCall, window: Window): AsyncIterable<PulledPage> {
  const form = { action: "getsummary", ...dates(window), data_fields: SUMMARY_FIELDS };
  for await (const answer of pages(call, "/v2/sleep", form)) {
    const { body } = schema.openAnswer(schema.series, answer.json(), "Withings sleep summaries");
    for (const summary of body.series) {
      const known = schema.sleepSummary.safeParse(summary).data;
      const startMs = (known?.startdate ?? Number.NaN) * 1000;
      // One that cannot be read goes on without details, so that its mapping tells what is wrong with it.
      if (known && !(startMs >= window.fromMs && startMs < window.toMs)) continue;
      yield { resource: "sleep", body: toBytes({ summary, detail: known ? await readDetail(call, startMs, known.enddate * 1000) : null }) };
    }
  }
}

/** Null for what is no night. Longer ones than 24 hours would be cut: they are asked in two parts. */
async function readDetail(call: DriverCall, startMs: number, endMs: number): Promise<unknown> {
  if (!(endMs > startMs && endMs - startMs <= LONGEST_NIGHT_MS)) return null;
  const series: unknown[] = [];
  for (let atMs = startMs; atMs < endMs; atMs += DAY_MS) {
    call.signal.throwIfAborted();
    const answer = await post(call.fetch, "/v2/sleep", {
      action: "get", startdate: floorSeconds(atMs), enddate: floorSeconds(Math.min(atMs + DAY_MS, endMs)), data_fields: SLEEP_FIELDS,
    });
    series.push(...schema.openAnswer(schema.sleepSeries, answer.json(), "Withings sleep details").body.series);
  }
  return { series };
}

const toBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/**
 * Ends the authorization: as the app, by a signed call that kills tokens and notifications. Without the app's own credentials only the notifications
 * can be ended, one by one; an authorization that is gone already is no error then.
 */
export async function revoke(call: DriverCall, app?: AppCall): Promise<void> {
  if (app && call.account.vendorUserId !== null) return revokeSigned(app, call.account.vendorUserId, call.nowMs);
  try {
    for (const profile of await readProfiles(call)) await changeProfile(call, "revoke", profile);
  } catch (error) {
    if (!(error instanceof ReauthorizationRequired)) throw error;
  }
}

async function revokeSigned(app: AppCall, userid: string, nowMs: number): Promise<void> {
  const { clientId: client_id, clientSecret, fetch } = app;
  const asked = { action: "getnonce", client_id, timestamp: floorSeconds(nowMs) };
  const answer = await post(fetch, "/v2/signature", { ...asked, signature: signatureOf(asked, clientSecret) });
  const { nonce } = schema.openAnswer(schema.nonce, answer.json(), "Withings nonce").body;
  // Only these three are signed, whatever else is sent.
  const signed = { action: "revoke", client_id, nonce };
  await post(fetch, "/v2/oauth2", { ...signed, signature: signatureOf(signed, clientSecret), userid });
}

/** The person's notifications, as Withings wants them named. */
export async function readProfiles(call: DriverCall): Promise<{ readonly appli: string; readonly callbackurl: string }[]> {
  const answer = await post(call.fetch, "/notify", { action: "list" });
  const { body } = schema.openAnswer(schema.profiles, answer.json(), "Withings notifications");
  return body.profiles.flatMap((item) => {
    const profile = schema.profile.safeParse(item).data;
    return profile ? [{ appli: String(profile.appli), callbackurl: profile.callbackurl }] : [];
  });
}

/** Makes or ends one notification of the person. */
export async function changeProfile(call: DriverCall, action: "subscribe" | "revoke", profile: { readonly appli: string; readonly callbackurl: string }): Promise<void> {
  await post(call.fetch, "/notify", { action, ...profile });
}
