/** Readings as people and meters send them → records. Pure. */
import { z } from "zod";
import { SYNC_SOURCES, type Device, type SyncSource, type TreatmentKind, type TreatmentRecord } from "#driver/records.ts";
import type { MapContext } from "#driver/types.ts";
import { looseNumber, Mapping, parseEnvelope, type SamplePlace } from "#driver/payload.ts";
import { MG_DL_PER_MMOL_L } from "#units/glucose.ts";
import { METRICS } from "#units/metrics.ts";
import { offsetMinutesAt, parseInstant } from "#units/time.ts";
import { LOCATION_WORDS, MEAL_WORDS, RELATION_WORDS, SYNC_WORDS, TYPES_TAKEN, TYPE_WORDS, wordOf } from "./words.ts";

const envelope = z.object({
  device: z.object({ id: z.string().min(1), name: z.string().nullish() }).nullish(),
  syncSource: z.string().nullish(),
  /** The account of whoever sent it for the person; written by the API, which takes none from outside. */
  enteredBy: z.string().nullish(),
  readings: z.array(z.unknown()),
});

const reading = z.object({
  at: z.union([z.string(), z.number()]),
  value: z.union([z.number(), z.string()]).nullish(),
  unit: z.string().nullish(),
  kind: z.string().nullish(),
  sequence: z.union([z.number(), z.string()]).nullish(),
  id: z.union([z.number(), z.string()]).nullish(),
  type: z.string().nullish(),
  meal: z.union([z.number(), z.string()]).nullish(),
  mealRelation: z.union([z.number(), z.string()]).nullish(),
  sampleType: z.union([z.number(), z.string()]).nullish(),
  sampleLocation: z.union([z.number(), z.string()]).nullish(),
  syncSource: z.string().nullish(),
  note: z.string().nullish(),
  systolic: z.union([z.number(), z.string()]).nullish(),
  diastolic: z.union([z.number(), z.string()]).nullish(),
});
type Reading = z.infer<typeof reading>;

/** What the meters of the facts show beyond their range, mg/dL (OneTouch Verio: LO below 20, HI above 600). */
const METER_LOW = 20;
const METER_HIGH = 600;
const LATEST_SLACK_MS = 24 * 3_600_000;
const EARLIEST_MS = Date.UTC(1950, 0, 1);
const LONGEST_NOTE = 2_000;
const KG_PER_LB = 0.453_592_37;
/** mg/dL of ketones (as acetoacetate's kin, 3-hydroxybutyrate, 104.1 g/mol) in one mmol/L. */
const KETONE_MG_DL_PER_MMOL_L = 10.41;

/** What treatments a person may type, with the most that can be meant. */
const AMOUNTS: Readonly<Record<string, { readonly kind: TreatmentKind; readonly unit: string; readonly most: number }>> = {
  carbohydrates: { kind: "carbohydrates", unit: "g", most: 1_000 },
  insulin_rapid: { kind: "insulin_rapid", unit: "u", most: 300 },
  insulin_long: { kind: "insulin_long", unit: "u", most: 300 },
  exercise: { kind: "exercise", unit: "min", most: 1_440 },
};

/**
 * Records of a body `{device?, readings}`. A reading is known again by device and sequence number, else by its own id, else by its time.
 * Throws ProviderContractBroken when there is no list of readings.
 */
export function mapReadings(payload: unknown, context: MapContext): ReturnType<Mapping["result"]> {
  const { device, readings, syncSource, enteredBy } = parseEnvelope(envelope, payload, "body of readings");
  const source: Device | undefined = device ? { id: device.id, ...(device.name ? { name: device.name } : {}) } : undefined;
  const mapping = new Mapping();
  readings.forEach((item, index) => {
    const path = `/readings/${index}`;
    const parsed = mapping.item(reading, item, path);
    if (parsed) addReading(mapping, { ...parsed, syncSource: parsed.syncSource ?? syncSource }, { path, context, device: source, enteredBy: enteredBy ?? null });
  });
  return mapping.result();
}

interface Place {
  readonly path: string;
  readonly context: MapContext;
  readonly device: Device | undefined;
  readonly enteredBy: string | null;
}

function addReading(mapping: Mapping, item: Reading, place: Place): void {
  const { path, context, device, enteredBy } = place;
  const at = instantOf(item.at, context);
  if (at === null) return mapping.problem(`${path}/at`, "no instant: RFC 3339 with an offset, between 1950 and tomorrow");
  const base = {
    record: "treatment" as const, vendorId: idOf(item, device), ...at,
    ...(device ? { device } : { isManual: true }),
    ...(item.note ? { text: item.note.slice(0, LONGEST_NOTE) } : {}), ...(enteredBy === null ? {} : { enteredBy }),
  };
  const spot = { startMs: at.atMs, offsetMinutes: at.offsetMinutes, ...(device ? { device } : { flags: ["manual" as const] }), path };
  const kind = wordOf(item.kind) ?? "glucose";
  const isOfKind = (name: string): boolean => Object.hasOwn(AMOUNTS, name);
  if (kind === "glucose") return addGlucose(mapping, item, base, spot);
  if (kind === "ketone") return addConverted(mapping, item, { metric: "ketone", units: { "mmol/l": 1, "mg/dl": 1 / KETONE_MG_DL_PER_MMOL_L }, usual: "mmol/l" }, spot);
  if (kind === "weight") return addConverted(mapping, item, { metric: "weight", units: { kg: 1, lb: KG_PER_LB }, usual: "kg" }, spot);
  if (kind === "blood_pressure") return addPressure(mapping, item, spot);
  if (kind === "note") {
    if (!base.text) return mapping.problem(`${path}/note`, "a note without words");
    return mapping.add({ ...base, kind: "note" });
  }
  if (!isOfKind(kind)) return mapping.problem(`${path}/kind`, "no kind of reading that is known here");
  const { kind: treatment, unit, most } = AMOUNTS[kind]!;
  const amount = looseNumber(item.value);
  if (amount === null || amount < 0 || amount > most) return mapping.problem(`${path}/value`, `outside what ${treatment} can be`);
  if (item.unit && item.unit.trim().toLowerCase() !== unit) return mapping.problem(`${path}/unit`, `${treatment} is given in ${unit === "u" ? "U" : unit}`);
  mapping.add({ ...base, kind: treatment, amount });
}

type Spot = SamplePlace & { readonly path: string };

/** A meter's reading is a sample for the curves and a treatment for the diary, where its meal stands. */
function addGlucose(mapping: Mapping, item: Reading, base: Omit<TreatmentRecord, "kind">, { path, ...spot }: Spot): void {
  const tags = tagsOf(mapping, item, path);
  const syncSource = syncSourceOf(mapping, item, { path, isOfDevice: spot.device !== undefined });
  if (tags === null || syncSource === null) return;
  const unit = (item.unit ?? "").replace(/\s/g, "").toLowerCase();
  const factor = unit === "mg/dl" ? 1 : unit === "mmol/l" || unit === "mmol" ? MG_DL_PER_MMOL_L : null;
  const word = typeof item.value === "string" ? item.value.trim().toUpperCase() : "";
  const bound = word === "HI" ? METER_HIGH : word === "LO" ? METER_LOW : null;
  if (factor === null && bound === null) return mapping.problem(`${path}/unit`, "mg/dL or mmol/L");
  const number = looseNumber(item.value);
  const value = bound ?? (number === null ? null : number * factor!);
  const { min, max } = METRICS.glucose_meter;
  if (value === null || !(value >= min && value <= max)) return mapping.problem(`${path}/value`, "outside what a meter can read in this unit");
  const flags = [...(spot.flags ?? []), ...(bound === null ? [] : [bound === METER_HIGH ? ("above_range" as const) : ("below_range" as const)])];
  mapping.sample("glucose_meter", value, { ...spot, ...(flags.length > 0 ? { flags } : {}) }, `${path}/value`);
  mapping.add({
    ...base, kind: "meter_glucose", amount: value, ...tags, sentUnit: factor === MG_DL_PER_MMOL_L ? "mmol/L" : "mg/dL", syncSource,
    ...(bound === null ? {} : { beyond: bound === METER_HIGH ? "above" : "below" }), ...(isGiven(item.sequence) ? { sequence: String(item.sequence) } : {}),
  });
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined && value !== "";

/** Null where it is a word that is none of ours. What a meter is named with came from it; the rest was typed. */
function syncSourceOf(mapping: Mapping, item: Reading, { path, isOfDevice }: { readonly path: string; readonly isOfDevice: boolean }): SyncSource | null {
  const word = wordOf(item.syncSource);
  if (word === null) return isOfDevice ? "bluetooth" : "manual";
  if (Object.hasOwn(SYNC_WORDS, word)) return SYNC_WORDS[word]!;
  mapping.problem(`${path}/syncSource`, `one of ${SYNC_SOURCES.join(", ")}`);
  return null;
}

/** Null when the reading is none, or a tag is not understood: better asked again than stored wrongly. */
function tagsOf(mapping: Mapping, item: Reading, path: string): Pick<TreatmentRecord, "meal" | "mealRelation" | "sampleType" | "sampleLocation"> | null {
  const known = <T>(words: Readonly<Record<string, T>>, value: unknown, field: string, reason = "a word that is not known here"): T | undefined | "unclear" => {
    const word = wordOf(value);
    if (word === null) return undefined;
    if (Object.hasOwn(words, word)) return words[word];
    mapping.problem(`${path}/${field}`, reason);
    return "unclear";
  };
  const meal = isGiven(item.type) ? known(MEAL_WORDS, item.type, "type", TYPES_TAKEN) : known(MEAL_WORDS, item.meal, "meal", TYPES_TAKEN);
  const mealRelation = known(RELATION_WORDS, item.mealRelation, "mealRelation");
  const sampleType = known(TYPE_WORDS, item.sampleType, "sampleType");
  const sampleLocation = known(LOCATION_WORDS, item.sampleLocation, "sampleLocation");
  if (meal === "unclear" || mealRelation === "unclear" || sampleType === "unclear" || sampleLocation === "unclear") return null;
  if (sampleType === null || sampleLocation === null) {
    mapping.problem(path, "control solution: no reading of a person");
    return null;
  }
  return {
    ...(meal ? { meal } : {}), ...(mealRelation ? { mealRelation } : {}), ...(sampleType ? { sampleType } : {}),
    ...(sampleLocation && sampleLocation !== "unknown" ? { sampleLocation } : {}),
  };
}

interface Converted {
  readonly metric: "ketone" | "weight";
  readonly units: Readonly<Record<string, number>>;
  readonly usual: string;
}

function addConverted(mapping: Mapping, item: Reading, { metric, units, usual }: Converted, { path, ...spot }: Spot): void {
  const unit = (item.unit ?? usual).replace(/\s/g, "").toLowerCase();
  const number = looseNumber(item.value);
  if (!Object.hasOwn(units, unit)) return mapping.problem(`${path}/unit`, `one of ${Object.keys(units).join(", ")}`);
  if (number === null) return mapping.problem(`${path}/value`, "missing or no number");
  mapping.sample(metric, number * units[unit]!, spot, `${path}/value`);
}

function addPressure(mapping: Mapping, item: Reading, { path, ...spot }: Spot): void {
  const systolic = looseNumber(item.systolic);
  const diastolic = looseNumber(item.diastolic);
  if (systolic === null || diastolic === null) return mapping.problem(path, "blood pressure needs systolic and diastolic");
  if (diastolic >= systolic) return mapping.problem(path, "the diastolic pressure is not below the systolic one");
  mapping.sample("blood_pressure_systolic", systolic, spot, `${path}/systolic`);
  mapping.sample("blood_pressure_diastolic", diastolic, spot, `${path}/diastolic`);
}

/** An instant with its offset; the patient's zone lends the offset to epochs and to times in Z. */
function instantOf(at: string | number, { zone, receivedMs }: MapContext): Pick<TreatmentRecord, "atMs" | "offsetMinutes"> | null {
  const parsed = typeof at === "number" ? { ms: at, offsetMinutes: 0 } : parseInstant(at);
  if (!parsed || !(parsed.ms >= EARLIEST_MS && parsed.ms <= receivedMs + LATEST_SLACK_MS)) return null;
  const isZoned = typeof at === "string" && !/z$/i.test(at);
  return { atMs: parsed.ms, offsetMinutes: isZoned ? parsed.offsetMinutes : offsetMinutesAt(zone, parsed.ms) };
}

function idOf({ sequence, id }: Reading, device: Device | undefined): string | null {
  if (device && isGiven(sequence)) return `${device.id}/${sequence}`;
  return !isGiven(id) ? null : `${device?.id ?? ""}#${id}`;
}
