/** WHOOP's payloads → records. Pure. */
import { InvalidInput, ProviderContractBroken } from "#errors.ts";
import { Mapping, parseEnvelope, type SamplePlace } from "#driver/payload.ts";
import type { MapResult } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { offsetMinutesAt } from "#units/time.ts";
import type { MapJob } from "./map-place.ts";
import { mapGoneRecovery, mapRecovery, mapSleep, positive } from "./map-sleep.ts";
import { mapCycle, mapWorkout } from "./map-strain.ts";
import * as schema from "./schema.ts";

const MAPPERS: Readonly<Record<string, (value: unknown, path: string, job: MapJob) => void>> = {
  cycle: mapCycle,
  sleep: mapSleep,
  recovery: mapRecovery,
  workout: mapWorkout,
  body_measurement: mapBody,
};

/**
 * Maps one record, a list of them, or an answer `{records: [...]}`; and the driver's note that a recovery is gone. Throws InvalidInput for an
 * unknown resource, ProviderContractBroken when the payload as a whole is unusable.
 */
export function map(resource: string, payload: unknown, context: MapContext): MapResult {
  const job: MapJob = { mapping: new Mapping(), context };
  if (resource === "recovery_gone") {
    const replaces = mapGoneRecovery(payload, job);
    return { ...job.mapping.result(), ...(replaces ? { replaces } : {}) };
  }
  if (resource === "profile") {
    // Name and address are nobody's measurements.
    parseEnvelope(schema.profile, payload, "WHOOP profile");
    return job.mapping.result();
  }
  const mapOne = Object.hasOwn(MAPPERS, resource) ? MAPPERS[resource] : undefined;
  if (!mapOne) throw new InvalidInput("WHOOP has no such resource.");
  const { records, path } = recordsOf(resource, payload);
  for (const [index, record] of records.entries()) mapOne(record, path === null ? "" : `${path}/${index}`, job);
  return job.mapping.result();
}

/** `path` is null for a single record. */
function recordsOf(resource: string, payload: unknown): { readonly records: readonly unknown[]; readonly path: string | null } {
  if (Array.isArray(payload)) return { records: payload as unknown[], path: "" };
  if (typeof payload !== "object" || payload === null) {
    throw new ProviderContractBroken(`A payload of WHOOP ${resource} is neither an object nor a list.`, "");
  }
  if (!Object.hasOwn(payload, "records")) return { records: [payload], path: null };
  const { records } = payload as { readonly records: unknown };
  if (!Array.isArray(records)) throw new ProviderContractBroken(`A payload of WHOOP ${resource} has no list of records.`, "/records");
  return { records: records as unknown[], path: "/records" };
}

/** Weight and height have no time: they count from when they were read. Only what has changed reaches us. */
function mapBody(value: unknown, path: string, { mapping, context }: MapJob): void {
  const body = mapping.item(schema.body, value, path);
  if (!body) return;
  const startMs = Math.trunc(context.receivedMs);
  const at: SamplePlace = { startMs, offsetMinutes: offsetMinutesAt(context.zone, startMs) };
  mapping.sample("weight", positive(body.weight_kilogram), at, `${path}/weight_kilogram`);
  mapping.sample("height", positive(body.height_meter), at, `${path}/height_meter`);
}
