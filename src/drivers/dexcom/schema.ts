/**
 * Shapes of Dexcom's answers. Loose: unknown fields pass, optional ones may be junk. Strict on what gives a record its meaning.
 * Source: vendors/dexcom.md, "Data endpoints", after developer.dexcom.com/docs/dexcomv3 (read 2026-11).
 */
import { z } from "zod";
import { ProviderContractBroken } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";

/** Text that says more about a record but not what it is: junk counts as absent. */
const optionalText = z.string().nullish().catch(null);

/** The lists a driver call asks for, each under its path below `/v3/users/self/`. */
export const LISTS = ["egvs", "events", "calibrations", "alerts", "devices"] as const;
export type ListName = (typeof LISTS)[number];

/** The list `egvs` asked once more over the last fortnight: what a receiver or a phone without a network brings days late. */
export const LATE_EGVS = "egvs_late";

export interface Envelope {
  /** The person at Dexcom; absent in version 2. */
  readonly userId: string | null;
  readonly records: readonly unknown[];
  /** JSON pointer of the list. */
  readonly path: string;
  /** Units of the whole list: version 2 has them here and not on each record. */
  readonly unit: unknown;
  readonly rateUnit: unknown;
}

const envelope = z.looseObject({
  recordType: z.string().nullish(),
  userId: z.string().nullish(),
});

/**
 * The envelope of one list. Version 2 named the list after the endpoint instead of `records`; recordings of it still go round, and so do the list
 * without its envelope and one record alone.
 * Throws ProviderContractBroken when there is no list, or the list is of another record type.
 */
export function parseList(name: ListName, payload: unknown): Envelope {
  const what = `Dexcom ${name} answer`;
  if (Array.isArray(payload)) return { userId: null, records: payload as unknown[], path: "", unit: undefined, rateUnit: undefined };
  const parsed = parseEnvelope(envelope, payload, what);
  if (parsed["records"] === undefined && parsed[name] === undefined && typeof parsed["systemTime"] === "string") {
    return { userId: null, records: [payload], path: "", unit: undefined, rateUnit: undefined };
  }
  // The documents' samples write both `event` and `events`.
  if (parsed.recordType && parsed.recordType.toLowerCase().replace(/s$/, "") !== name.slice(0, -1)) {
    throw new ProviderContractBroken(`The ${what} is of another record type.`, "/recordType");
  }
  const key = parsed["records"] === undefined && parsed[name] !== undefined ? name : "records";
  const records: unknown = parsed[key];
  if (!Array.isArray(records)) {
    throw new ProviderContractBroken(`The ${what} does not have the agreed shape at /${key}.`, `/${key}`);
  }
  return { userId: parsed.userId ?? null, records, path: `/${key}`, unit: parsed["unit"], rateUnit: parsed["rateUnit"] };
}

const moment = z.looseObject({ systemTime: z.string() });
const stretch = z.looseObject({ start: moment, end: moment }).nullish().catch(null);

/** `dataRange`: the earliest and latest moments of each kind; a kind without data is missing. */
export const dataRange = z.looseObject({
  userId: z.string().min(1),
  egvs: stretch,
  events: stretch,
  calibrations: stretch,
});
export type DataRange = z.infer<typeof dataRange>;

const recordFields = {
  recordId: optionalText,
  systemTime: z.string(),
  displayTime: optionalText,
  transmitterId: optionalText,
  transmitterGeneration: optionalText,
};

export const eventRecord = z.looseObject({
  ...recordFields,
  eventType: z.string(),
  eventSubType: optionalText,
  // A string by the documents, a number in their samples, junk for kinds that have none.
  value: z.unknown().optional(),
  unit: optionalText,
});

/** A deletion names the record; nothing else of it matters. */
export const deletedEvent = z.looseObject({ recordId: z.string().min(1) });

export const calibrationRecord = z.looseObject({ ...recordFields, value: z.unknown(), unit: optionalText });

export const alertRecord = z.looseObject({ ...recordFields, alertName: z.string().min(1), alertState: optionalText });
