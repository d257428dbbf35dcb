/** What a person did or noted, finger-sticks, and the alerts of the sensor → treatments and meter samples. Pure. */
import type { Mapping } from "#driver/payload.ts";
import type { TreatmentKind, TreatmentRecord } from "#driver/records.ts";
import { looseNumber, looseText } from "#driver/payload.ts";
import type { z } from "zod";
import { METRICS } from "#units/metrics.ts";
import { deviceOf, mgDlFactor, placeOf } from "./map-place.ts";
import { alertRecord, calibrationRecord, deletedEvent, eventRecord, type Envelope } from "./schema.ts";

type EventRecord = z.infer<typeof eventRecord>;

/** What one event type becomes: its unit at Dexcom, and the largest amount that a person can have meant. */
interface Meaning {
  readonly kind: (event: EventRecord) => TreatmentKind;
  readonly amount?: { readonly unit: string; readonly largest: number };
  /** Where the words come from. */
  readonly text?: "eventSubType" | "value";
}

const INSULIN: Readonly<Record<string, TreatmentKind>> = { fastActing: "insulin_rapid", longActing: "insulin_long" };

/** Blood glucose is apart: its unit varies, and without a number there is no finger-stick. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  insulin: { kind: ({ eventSubType: type }) => (type && Object.hasOwn(INSULIN, type) ? INSULIN[type]! : "insulin_unspecified"), amount: { unit: "units", largest: 500 } },
  carbs: { kind: () => "carbohydrates", amount: { unit: "grams", largest: 2_000 } },
  exercise: { kind: () => "exercise", amount: { unit: "minutes", largest: 2_880 }, text: "eventSubType" },
  // Dexcom's apps leave junk in the value of health events (vendors/dexcom.md): not read.
  health: { kind: () => "health", text: "eventSubType" },
  notes: { kind: () => "note", text: "value" },
  note: { kind: () => "note", text: "value" },
};

/** Adds a treatment for each event and a withdrawal for each deletion. */
export function mapEvents(list: Envelope, mapping: Mapping, receivedMs: number): void {
  for (const [index, item] of list.records.entries()) {
    const path = `${list.path}/${index}`;
    if (isDeletion(item)) {
      const deleted = mapping.item(deletedEvent, item, path);
      if (deleted) mapping.add({ record: "withdrawal", of: "treatment", vendorId: deleted.recordId });
      continue;
    }
    const event = mapping.item(eventRecord, item, path);
    // "unknown" is Dexcom's own word for an entry without a meaning.
    if (event === null || event.eventType === "unknown") continue;
    const content = event.eventType === "bloodGlucose" ? fingerStick(event, path, mapping) : contentOf(event, path, mapping);
    const place = content && placeOf(event, path, mapping, receivedMs);
    if (place) mapping.add(treatment(event, place, content));
  }
}

function isDeletion(item: unknown): boolean {
  return typeof item === "object" && item !== null && "eventStatus" in item && looseText(item.eventStatus).toLowerCase() === "deleted";
}

type Content = Pick<TreatmentRecord, "kind" | "amount" | "text">;

function contentOf(event: EventRecord, path: string, mapping: Mapping): Content | null {
  const meaning = Object.hasOwn(MEANINGS, event.eventType) ? MEANINGS[event.eventType] : undefined;
  if (meaning === undefined) {
    mapping.problem(`${path}/eventType`, "an event type that is not known here");
    return null;
  }
  const kind = meaning.kind(event);
  const amount = meaning.amount && amountOf(event, meaning.amount, path, mapping);
  const text = meaning.text && textOf(event[meaning.text]);
  if (kind === "note" && text === undefined) {
    mapping.problem(`${path}/value`, "missing or of the wrong type");
    return null;
  }
  return { kind, ...(amount === undefined ? {} : { amount }), ...(text === undefined ? {} : { text }) };
}

/**
 * The amount of an event, undefined when the person gave none: value and unit are missing or empty at times, and an exercise of
 * -1 minutes ("-1", "-1.00") has an unknown length. An amount that cannot be meant is a problem, the event stays without it.
 */
function amountOf(event: EventRecord, { unit, largest }: NonNullable<Meaning["amount"]>, path: string, mapping: Mapping): number | undefined {
  const { value } = event;
  if (value === null || value === undefined || value === "") return undefined;
  const given = event.unit?.trim().toLowerCase() ?? "";
  if (given !== "" && given !== "unknown" && given !== unit) {
    mapping.problem(`${path}/unit`, `not ${unit}: the amount was left out`);
    return undefined;
  }
  const amount = looseNumber(value);
  if (event.eventType === "exercise" && amount === -1) return undefined;
  if (amount === null || amount < 0 || amount > largest) {
    mapping.problem(`${path}/value`, "not an amount that can be: it was left out");
    return undefined;
  }
  return amount;
}

function fingerStick(event: EventRecord, path: string, mapping: Mapping): Content | null {
  const amount = meterMgDl(looseNumber(event.value), event.unit, path, mapping);
  return amount === null ? null : { kind: "meter_glucose", amount };
}

/** A meter's value in mg/dL; null, with a problem, when it is none. */
function meterMgDl(value: number | null, unit: unknown, path: string, mapping: Mapping): number | null {
  const factor = mgDlFactor(unit);
  if (factor === null) {
    mapping.problem(`${path}/unit`, "not a unit of glucose");
    return null;
  }
  const mgDl = value === null ? Number.NaN : value * factor;
  const { min, max } = METRICS.glucose_meter;
  if (mgDl >= min && mgDl <= max) return mgDl;
  mapping.problem(`${path}/value`, "not a glucose that a meter can show");
  return null;
}

/** Adds a `glucose_meter` sample, flagged as a calibration, for each finger-stick that calibrated the sensor. */
export function mapCalibrations(list: Envelope, mapping: Mapping, receivedMs: number): void {
  for (const [index, item] of list.records.entries()) {
    const path = `${list.path}/${index}`;
    const record = mapping.item(calibrationRecord, item, path);
    const place = record && placeOf(record, path, mapping, receivedMs);
    if (!place) continue;
    const mgDl = meterMgDl(looseNumber(record.value), record.unit ?? list.unit, path, mapping);
    if (mgDl === null) continue;
    const device = deviceOf(record.transmitterId, record.transmitterGeneration);
    mapping.sample("glucose_meter", mgDl, { ...place, ...(device ? { device } : {}), flags: ["calibration"] }, `${path}/value`);
  }
}

/** Adds a treatment of kind "alert" for each state an alert of the sensor went through, e.g. "urgentLow activeAlarming". */
export function mapAlerts(list: Envelope, mapping: Mapping, receivedMs: number): void {
  for (const [index, item] of list.records.entries()) {
    const path = `${list.path}/${index}`;
    const record = mapping.item(alertRecord, item, path);
    const place = record && placeOf(record, path, mapping, receivedMs);
    if (!place) continue;
    const state = record.alertState && record.alertState !== "unknown" ? ` ${record.alertState}` : "";
    mapping.add(treatment(record, place, { kind: "alert", text: record.alertName + state }));
  }
}

interface Identified {
  readonly recordId?: string | null | undefined;
  readonly transmitterId?: unknown;
  readonly transmitterGeneration?: unknown;
}

function treatment(record: Identified, place: { startMs: number; offsetMinutes: number | null }, content: Content): TreatmentRecord {
  const device = deviceOf(record.transmitterId, record.transmitterGeneration);
  return {
    record: "treatment",
    vendorId: record.recordId || null,
    atMs: place.startMs,
    offsetMinutes: place.offsetMinutes,
    ...content,
    ...(device ? { device } : {}),
  };
}

/** Words as a person wrote them, without the characters no database text can hold; undefined when there are none. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.replaceAll("\u0000", "").toWellFormed().trim();
  return text === "" ? undefined : text;
}
