/** Strava's zones of an activity → seconds in each of its heart-rate zones. Pure. Source: Strava API v3 reference, Get Activity Zones. */
import { parseEnvelope } from "#driver/payload.ts";
import { workoutOf, type MapJob } from "./map-activity.ts";
import * as schema from "./schema.ts";

/** Longer than an activity can be. */
const LONGEST_S = 62 * 86_400;

/**
 * The workout once more, with nothing but its heart-rate zones: what else is known of it stays. Throws ProviderContractBroken for what is
 * no page of zones. Zones of power and pace have no place in a record.
 */
export function mapZones(payload: unknown, job: MapJob): void {
  const { mapping } = job;
  const page = parseEnvelope(schema.zonesPage, payload, "Strava zones page");
  for (const [index, item] of page.zones.entries()) {
    const path = `/zones/${index}`;
    const zones = mapping.item(schema.zones, item, path);
    if (zones?.type !== "heartrate") continue;
    const buckets = (zones.distribution_buckets ?? []).toSorted((one, other) => (one.min ?? 0) - (other.min ?? 0));
    const seconds = buckets.map(({ time }) => time ?? 0);
    if (seconds.every((time) => time === 0)) continue;
    const workout = seconds.every((time) => time >= 0 && time <= LONGEST_S) ? workoutOf(page, "", job) : null;
    if (workout) mapping.add({ ...workout, heartRateZonesS: seconds });
    else mapping.problem(path, "no possible times in zones");
  }
}
