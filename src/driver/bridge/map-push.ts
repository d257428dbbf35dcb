/** A push of an Android bridge → records. Pure. Source: Health Connect and Samsung Health facts. */
import { Mapping, parseEnvelope } from "../payload.ts";
import type { MapResult } from "../records.ts";
import type { MapContext } from "../types.ts";
import { type GlucoseFactor, mapMeasure } from "./map-measures.ts";
import { mapSleep } from "./map-sleep.ts";
import { mapWorkout } from "./map-workouts.ts";
import { measure, push, stage, workout } from "./schema.ts";

/** Throws ProviderContractBroken when there are none of its lists. */
export function mapBridgePush(payload: unknown, context: MapContext, glucoseFactor: GlucoseFactor): MapResult {
  const { data, deletedIds } = parseEnvelope(push, payload, "push of the phone");
  const mapping = new Mapping();
  (data.records ?? []).forEach((value, index) => {
    const path = `/data/records/${index}`;
    const parsed = mapping.item(measure, value, path);
    if (parsed) mapMeasure(mapping, parsed, { path, context, glucoseFactor });
  });
  const stages = (data.sleep ?? []).flatMap((value, index) => {
    const path = `/data/sleep/${index}`;
    const entry = mapping.item(stage, value, path);
    return entry ? [{ entry, path }] : [];
  });
  mapSleep(mapping, stages, context);
  (data.workouts ?? []).forEach((value, index) => {
    const path = `/data/workouts/${index}`;
    const parsed = mapping.item(workout, value, path);
    if (parsed) mapWorkout(mapping, parsed, { path, context });
  });
  // The phone does not say of what kind a deleted record was: it is taken out wherever it stands.
  for (const id of deletedIds ?? []) if (id !== "") for (const kind of ["sleep", "workout", "treatment"] as const) mapping.add({ record: "withdrawal", of: kind, vendorId: id });
  return mapping.result();
}
