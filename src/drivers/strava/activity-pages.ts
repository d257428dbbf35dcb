/** One activity at Strava: its detail, its zones and its streams. Source: vendors/strava.md, Data endpoints. */
import type { z } from "zod";
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, PulledPage } from "#driver/types.ts";
import * as schema from "./schema.ts";

export const API = "/api/v3";
/** Neither coordinates nor temperature: there is no record for them. */
const STREAM_KEYS = "time,heartrate,watts,velocity_smooth,cadence,altitude";

type OwnedActivity = z.infer<typeof schema.ownedActivity>;

/**
 * The detail, then what hangs on it: zones where the setting asks for them, streams unless the setting or a typed activity forbids.
 * `wanted` "streams" or "zones" gives that alone. An activity that Strava has no more gives `activity_gone`. Throws InvalidInput for what is
 * no id, ProviderContractBroken for another person's activity or another one than asked for.
 */
export async function* pullActivity(call: DriverCall, objectId: string, wanted: "activity" | "streams" | "zones"): AsyncIterable<PulledPage> {
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
  // A typed activity has neither zones nor streams.
  if (activity.manual === true) return;
  if (wanted === "zones" || (wanted === "activity" && call.settings["zones"] === "on")) yield* pullZones(call, activity);
  if (wanted === "streams" || (wanted === "activity" && call.settings["streams"] !== "off")) yield* pullStreams(call, activity);
}

async function* pullStreams(call: DriverCall, activity: OwnedActivity): AsyncIterable<PulledPage> {
  const answer = await call.fetch(`${API}/activities/${activity.id}/streams`, {
    query: { keys: STREAM_KEYS, key_by_type: "true" },
    // None yet, or never: soon after the upload they may be missing.
    accept: [404],
  });
  if (answer.status === 404) return;
  const { start_date, utc_offset, sport_type, type, device_name, device_watts } = activity;
  const streams = answer.json();
  yield {
    resource: "streams",
    body: toBytes({ activity_id: activity.id, start_date, utc_offset, sport_type: sport_type ?? type, device_name, device_watts, streams }),
  };
}

async function* pullZones(call: DriverCall, activity: OwnedActivity): AsyncIterable<PulledPage> {
  // 402, 403: for athletes who subscribe to Strava only.
  const answer = await call.fetch(`${API}/activities/${activity.id}/zones`, { accept: [402, 403, 404] });
  if (answer.status >= 400) return;
  const { id, start_date, utc_offset, elapsed_time, sport_type, type } = activity;
  const zones = answer.json();
  yield { resource: "zones", body: toBytes({ id, start_date, utc_offset, elapsed_time, sport_type: sport_type ?? type, zones }) };
}

/** Another person's data must never land here (VA-15). */
export function mustBeOwn(call: DriverCall, activity: OwnedActivity, path: string): void {
  const owner = activity.athlete?.id ?? null;
  const own = call.account.vendorUserId;
  if (owner !== null && own !== null && owner !== own) {
    throw new ProviderContractBroken("Strava answered with another athlete's activity.", `${path}/athlete/id`);
  }
}

const toBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
