/** Dexcom's answers → records, by resource. Pure. */
import { InvalidInput } from "#errors.ts";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapEgvs } from "./map-egvs.ts";
import { mapAlerts, mapCalibrations, mapEvents } from "./map-events.ts";
import { dataRange, LATE_EGVS, parseList, type Envelope, type ListName } from "./schema.ts";

type ListMapper = (list: Envelope, mapping: Mapping, receivedMs: number) => void;

const LIST_MAPPERS: Readonly<Record<ListName, ListMapper>> = {
  egvs: mapEgvs,
  events: mapEvents,
  calibrations: mapCalibrations,
  alerts: mapAlerts,
  // Kept raw: which devices and alert thresholds a person has is no measurement.
  devices: () => undefined,
};

/**
 * Maps one answer. Bad records become problems, the others stay. Throws ProviderContractBroken when the envelope is unusable,
 * InvalidInput for a resource that Dexcom does not have.
 */
export function mapDexcom(resource: string, payload: unknown, context: MapContext): MapResult {
  const mapping = new Mapping();
  if (resource === "dataRange") {
    parseEnvelope(dataRange, payload, "Dexcom dataRange answer");
    return mapping.result();
  }
  const name = (resource === LATE_EGVS ? "egvs" : resource) as ListName;
  if (!Object.hasOwn(LIST_MAPPERS, name)) throw new InvalidInput(`Dexcom has no resource "${resource}".`);
  LIST_MAPPERS[name](parseList(name, payload), mapping, context.receivedMs);
  return mapping.result();
}
