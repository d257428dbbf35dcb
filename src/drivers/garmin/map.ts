/** Garmin's summaries → records. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapActivity, mapActivityDetail } from "./map/activity.ts";
import * as body from "./map/body.ts";
import { mapDaily, mapEpochs, mapUserMetrics } from "./map/day.ts";
import type { MapJob, Summary } from "./map/place.ts";
import { mapSleep } from "./map/sleep.ts";
import { summaryType } from "./summary-types.ts";

const each = (mapOne: (summary: Summary, job: MapJob) => void) => (summaries: readonly Summary[], job: MapJob): void => {
  for (const summary of summaries) mapOne(summary, job);
};

const nothing = (): void => undefined;

const MAPPERS: Readonly<Record<string, (summaries: readonly Summary[], job: MapJob) => void>> = {
  dailies: each(mapDaily),
  epochs: mapEpochs,
  sleeps: each(mapSleep),
  bodyComps: each(body.mapBodyComposition),
  stressDetails: each(body.mapStressDetails),
  userMetrics: each(mapUserMetrics),
  pulseox: each(body.mapPulseOx),
  allDayRespiration: each(body.mapRespiration),
  hrv: each(body.mapHrv),
  bloodPressures: each(body.mapBloodPressure),
  skinTemp: each(body.mapSkinTemperature),
  healthSnapshot: each(body.mapHealthSnapshot),
  activities: each(mapActivity),
  manuallyUpdatedActivities: each(mapActivity),
  activityDetails: each(mapActivityDetail),
  moveIQActivities: nothing,
  mct: nothing,
};

/**
 * Maps summaries of one type: one of them, a list, or the notification `{ "<type>": [...] }` in any of the type's spellings. Throws
 * InvalidInput for an unknown type, ProviderContractBroken when the payload is neither an object nor a list.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const type = summaryType(resource);
  const mapper = type && MAPPERS[type.name];
  if (!type || !mapper) throw new InvalidInput("Garmin has no such summary type.");
  const mapping = new Mapping();
  mapper(summariesOf(type.name, payload), { mapping, context });
  return mapping.result();
}

function summariesOf(typeName: string, payload: unknown): Summary[] {
  if (Array.isArray(payload)) return listed(payload, "");
  if (typeof payload !== "object" || payload === null) {
    throw new ProviderContractBroken(`A payload of Garmin ${typeName} is neither an object nor a list.`, "");
  }
  for (const [key, value] of Object.entries(payload)) {
    if (typeof value !== "object" || value === null || summaryType(key)?.name !== typeName) continue;
    return Array.isArray(value) ? listed(value, `/${key}`) : [{ value, path: `/${key}` }];
  }
  return [{ value: payload, path: "" }];
}

const listed = (items: readonly unknown[], path: string): Summary[] =>
  items.map((value, index) => ({ value, path: `${path}/${index}` }));
