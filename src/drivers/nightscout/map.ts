/** Nightscout's answers → records, by resource. Pure. */
import { InvalidInput } from "#errors.ts";
import { Mapping } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapEntries } from "./map-entries.ts";
import { mapTreatments, replacementOf } from "./map-treatments.ts";
import { readRows } from "./schema.ts";

/**
 * Maps one answer of either version, or a page of treatments as `pull` makes it. Bad documents become problems, the others stay. Throws
 * ProviderContractBroken when there is no list, InvalidInput for a resource that Nightscout does not have.
 */
export function mapNightscout(resource: string, payload: unknown, { receivedMs }: MapContext): MapResult {
  const mapping = new Mapping();
  const [collection = ""] = resource.split("_");
  const rows = readRows(payload, collection);
  switch (resource) {
    case "entries":
    case "entries_late":
      mapEntries(rows, mapping, receivedMs);
      return mapping.result();
    case "treatments":
    case "treatments_late": {
      mapTreatments(rows, mapping, receivedMs);
      const result = mapping.result();
      const replaces = replacementOf(rows, result.problems.length > 0, receivedMs);
      return replaces ? { ...result, replaces } : result;
    }
    case "profile":
      // Kept raw: schedules and targets are no measurement.
      return mapping.result();
    default:
      throw new InvalidInput("Nightscout has no such resource.");
  }
}
