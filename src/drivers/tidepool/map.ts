/** Tidepool's datums → records. Pure. Source: vendors/tidepool.md, Common fields, Datum types and Mapping; traps.md. */
import { z } from "zod";
import { Mapping, parseEnvelope } from "#driver/payload.ts";
import type { MapResult, TreatmentRecord, VendorRecord } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { mapActivity } from "./map-activity.ts";
import { mapGlucose, mapKetone } from "./map-glucose.ts";
import { mapInsulin } from "./map-insulin.ts";
import { mapFood, mapWizard } from "./map-meal.ts";
import { placeOf } from "./map-place.ts";
import { datum, type Datum } from "./schema.ts";

/** The vendor's list; some tools save one datum, or wrap the list. */
const envelope = z.union([z.array(z.unknown()), z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data), z.looseObject({ type: z.string() }).transform((one) => [one])]);

export interface Item {
  readonly datum: Datum;
  readonly path: string;
  readonly base: Omit<TreatmentRecord, "kind">;
}

const MAPPERS: Readonly<Record<string, (mapping: Mapping, item: Item) => void>> = {
  cbg: mapGlucose, smbg: mapGlucose, bloodKetone: mapKetone, bolus: mapInsulin, basal: mapInsulin, insulin: mapInsulin, wizard: mapWizard, food: mapFood,
  physicalActivity: mapActivity,
};

/** Kinds of which a taken-back datum must be withdrawn by its id. */
const WITHDRAWN: Readonly<Record<string, "treatment" | "workout">> = {
  bolus: "treatment", basal: "treatment", insulin: "treatment", wizard: "treatment", food: "treatment", physicalActivity: "workout",
};

/** Types without a record are passed over. Throws ProviderContractBroken when there is no list. */
export function mapData(payload: unknown, { receivedMs }: MapContext): MapResult {
  const mapping = new Mapping();
  const list = parseEnvelope(envelope, payload, "Tidepool data");
  list.forEach((value, index) => {
    const path = `/${index}`;
    const parsed = mapping.item(datum, value, path);
    if (!parsed) return;
    const map = Object.hasOwn(MAPPERS, parsed.type) ? MAPPERS[parsed.type] : undefined;
    if (!map) return;
    if (parsed.deletedTime || parsed._active === false) return withdraw(mapping, parsed);
    const place = placeOf(parsed, receivedMs);
    if (place === null) return mapping.problem(`${path}/time`, "no time, or one that cannot be");
    map(mapping, { datum: parsed, path, base: { record: "treatment", vendorId: parsed.id || null, ...place } });
  });
  return spread(mapping.result());
}

/** What is gone: readings vanish with the next answer, records are known by their ids. */
function withdraw(mapping: Mapping, { type, id }: Datum): void {
  const of = Object.hasOwn(WITHDRAWN, type) ? WITHDRAWN[type] : undefined;
  if (of && id) mapping.add({ record: "withdrawal", of, vendorId: id });
}

/**
 * Two different readings of one device at one instant can both be valid, and a series has one value an instant: the second stands a
 * millisecond later. The same reading twice (uploaded by two ways) stays one.
 */
function spread(result: MapResult): MapResult {
  const taken = new Map<string, Set<number>>();
  const records = result.records.flatMap((record): VendorRecord[] => {
    if (record.record !== "sample") return [record];
    const key = `${record.metric} ${record.device?.id ?? ""} ${record.startMs}`;
    const values = taken.get(key) ?? new Set<number>();
    taken.set(key, values);
    if (values.has(record.value)) return [];
    values.add(record.value);
    return [values.size === 1 ? record : { ...record, startMs: record.startMs + values.size - 1 }];
  });
  return { ...result, records };
}
