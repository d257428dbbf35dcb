/** What an invented patient of the demo's clinic has beside a sensor: readings of a meter, a short clinical history and a care team. Made once, by the ways that people use. */
import { addMember } from "#clinic/care-team/care-team.ts";
import type { EntryKind } from "#clinic/history/kinds.ts";
import { addEntry, changeEntry, type EntryContent } from "#clinic/history/write-entries.ts";
import type { Database } from "#db/database.ts";
import { demoClinicOf } from "#people/demo.ts";
import type { SyncContext } from "#sync/context.ts";
import { storeTypedNow } from "#sync/typed.ts";
import type { Clock } from "./clock.ts";
import { DAY_MS, formatInstant, HOUR_MS, localDate, localDay, MINUTE_MS } from "#units/time.ts";

export interface DemoHistoryParts {
  readonly sync: SyncContext;
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
  readonly zone: string;
}

const METER = { id: "demo-meter-1", name: "Demo meter" };
const DAYS = 21;
/** Hours of the day at which somebody measures, and as what. */
const MOMENTS = [[7.6, "BREAKFAST", "before"], [13.8, "LUNCH", "before"], [16, "LUNCH", "after"], [20.7, "DINNER", "before"]] as const;
/** mg/dL, over and over: most in range, some low, some high. */
const VALUES = [112, 138, 176, 124, 96, 151, 203, 118, 64, 142, 168, 131, 105, 187, 224, 149, 88, 127, 159];

const content = (fields: EntryContent["fields"], more: Partial<EntryContent> = {}): EntryContent => ({ status: "active", audience: "shared", isPinned: false, fields, ...more });

const ENTRIES: readonly { readonly kind: EntryKind; readonly content: EntryContent; readonly isSaid?: true; readonly before?: EntryContent["fields"] }[] = [
  { kind: "condition", content: content({ name: "Type 1 diabetes", code: { system: "ICD-10", code: "E10.9" }, onset: "2009-05-14", end: null, note: null }) },
  { kind: "condition", content: content({ name: "Hypothyroidism", code: { system: "ICD-10", code: "E03.9" }, onset: "2018-11-02", end: null, note: null }) },
  {
    kind: "medication", before: { name: "Insulin glargine", code: null, dose: "18 U in the evening", medicationKind: "basal_insulin", from: "2021-03-01", to: null, reason: null, note: null },
    content: content({ name: "Insulin glargine", code: null, dose: "20 U in the evening", medicationKind: "basal_insulin", from: "2021-03-01", to: null, reason: null, note: null }),
  },
  { kind: "medication", content: content({ name: "Insulin lispro", code: null, dose: "with meals, as agreed", medicationKind: "fast_insulin", from: "2021-03-01", to: null, reason: null, note: null }) },
  { kind: "medication", isSaid: true, content: content({ name: "Vitamin D", code: null, dose: "1 drop a day in winter", medicationKind: "oral", from: "2025-10-01", to: null, reason: null, note: null }) },
  { kind: "allergy", content: content({ substance: "Penicillin", code: null, reaction: "rash", severity: "moderate", note: null }) },
  { kind: "procedure", content: content({ name: "Eye examination", code: null, date: "2026-02-11", note: "No change since last year." }, { status: null }) },
  { kind: "note", content: content({ text: "Works night shifts every third week.\nAsk how it goes with meals then.", noteKind: "visit", date: "2026-02-11" }, { status: null, audience: "care_team", isPinned: true }) },
  { kind: "note", content: content({ text: "We look at the curve together in three months.", noteKind: "call", date: "2026-03-03" }, { status: null }) },
];

/** Makes it where it was never made. */
export async function ensureDemoHistory({ database, clock, sync, zone }: DemoHistoryParts, patient: { readonly organizationId: string; readonly patientId: string }): Promise<void> {
  const clinic = await demoClinicOf(database);
  if (!clinic) return;
  const owner = { ...patient, nowMs: clock.now() };
  const isNew = await database.withOrganization(owner.organizationId, async (tx) => {
    const [own] = await tx.query<{ user_id: string }>("select user_id from patients where id = $1", [owner.patientId]);
    const made = await tx.query("select 1 from clinical_entries where patient_id = $1 limit 1", [owner.patientId]);
    if (made.length > 0 || !own) return false;
    for (const { kind, content: written, isSaid, before } of ENTRIES) {
      const by = { ...owner, writer: isSaid ? { userId: own.user_id, isClinician: false } : { userId: clinic.clinicianId, isClinician: true } };
      const { id } = await addEntry(tx, by, { kind, content: before ? { ...written, fields: before } : written });
      if (before) await changeEntry(tx, by, { kind, id, seen: null }, written);
    }
    await addMember(tx, { ...owner, userId: own.user_id }, clinic.clinicianId, { role: "physician", roleWords: null, isMainContact: true });
    return true;
  });
  if (isNew) await storeTypedNow(sync, owner, { resource: "readings", zone, payload: { device: METER, readings: readingsUpTo(clock.now(), zone) } });
}

function readingsUpTo(nowMs: number, zone: string): object[] {
  const days = Array.from({ length: DAYS }, (_, index) => localDay(zone, localDate(zone, nowMs - (DAYS - 1 - index) * DAY_MS))!);
  return days.flatMap(({ fromMs }) => MOMENTS.map(([hour, type, mealRelation]) => ({ atMs: fromMs + hour * HOUR_MS, type, mealRelation })))
    .filter(({ atMs }, index) => atMs <= nowMs && index % 7 !== 5)
    .map(({ atMs, type, mealRelation }, index) => ({
      sequence: index + 1, at: formatInstant(atMs + ((index * 7) % 23) * MINUTE_MS), value: VALUES[index % VALUES.length]!, unit: "mg/dL", type, mealRelation, sampleType: "capillary_whole_blood", sampleLocation: "finger",
    }));
}
