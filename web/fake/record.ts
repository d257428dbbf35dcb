/** Invented entries of a health record, a care team and readings, in the API's shapes, for tests of their pages. */
import { DAY_MS } from "#units/time.ts";
import type { MeterReading } from "#web/client/readings.ts";
import type { CareTeamMember, RecordEntry, RecordVersion } from "#web/client/record.ts";
import type { PatientShown } from "#web/client/types.ts";
import { IDS, SOURCES } from "./people.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const RUIZ = { userId: IDS.organization, name: "Dr Ruiz", isPatient: false };
const ANA = { userId: IDS.user, name: "Ana Demo", isPatient: true };

/** Somebody who manages for the person. */
const CARER = { userId: "00000000-0000-4000-8000-0000000000b2", name: "Luis Demo", isPatient: false };

const entry = (nowMs: number, id: string) => ({
  id, version: 1, audience: "shared" as const, isPinned: false, isSelfReported: false, createdAt: iso(nowMs - 30 * DAY_MS), createdBy: RUIZ, changedAt: iso(nowMs - 30 * DAY_MS), changedBy: RUIZ, enteredInErrorAt: null,
});
const own = (nowMs: number, id: string) => ({ ...entry(nowMs, id), isSelfReported: true, createdBy: ANA, changedBy: ANA, changedAt: iso(nowMs - DAY_MS), version: 2 });

export const ALLERGY_ID = "00000000-0000-4000-8000-0000000000b1";

export interface FakeRecord {
  readonly conditions: readonly RecordEntry<"conditions">[];
  readonly medications: readonly RecordEntry<"medications">[];
  readonly allergies: readonly RecordEntry<"allergies">[];
  readonly procedures: readonly RecordEntry<"procedures">[];
  readonly notes: readonly RecordEntry<"notes">[];
  readonly documents: readonly RecordEntry<"documents">[];
}

export const EMPTY_RECORD: FakeRecord = { conditions: [], medications: [], allergies: [], procedures: [], notes: [], documents: [] };

export function fakeRecord(nowMs: number): FakeRecord {
  return {
    conditions: [
      { ...entry(nowMs, "c1"), name: "Diabetes mellitus, type 1", code: { system: "ICD-10", code: "E10.9" }, onset: "2009-03-03", end: null, note: "Found at school.\nNo ketoacidosis.", status: "active" },
      { ...entry(nowMs, "c2"), name: "Fracture of the wrist", code: null, onset: "2017-08-01", end: "2017-10-12", note: null, status: "resolved" },
    ],
    medications: [{ ...entry(nowMs, "m1"), changedBy: null, version: 3, name: "Glargine", code: null, dose: "18 U at bedtime", medicationKind: "basal_insulin", from: null, to: "2027-01-01", reason: "Basal need", note: null, status: "paused" }],
    allergies: [
      { ...own(nowMs, ALLERGY_ID), substance: "Penicillin", code: null, reaction: "Rash", severity: "moderate", note: null, status: "active" },
      { ...own(nowMs, "a2"), createdBy: CARER, changedBy: CARER, version: 1, substance: "Latex", code: null, reaction: null, severity: null, note: null, status: "active" },
    ],
    procedures: [{ ...entry(nowMs, "p1"), name: "Fundus photograph", code: null, date: "2026-02-11", note: null, status: null }],
    notes: [{ ...entry(nowMs, "n1"), text: "Talked about nights.\nSee you in June.", noteKind: "visit", date: "2026-03-02", status: null }],
    documents: [{ ...entry(nowMs, "d1"), title: "Laboratory of March", documentKind: "lab", date: null, note: null, status: null, file: { name: "laboratory.pdf", mediaType: "application/pdf", sizeBytes: 2_621_440, sha256: "0".repeat(64) } }],
  };
}

export function fakeVersions(nowMs: number): RecordVersion<"allergies">[] {
  const said = { audience: "shared" as const, isPinned: false, errorReason: null, author: ANA, substance: "Penicillin", code: null, reaction: "Rash", note: null, status: "active" as const };
  return [{ ...said, version: 2, deed: "changed", at: iso(nowMs - DAY_MS), severity: "moderate" }, { ...said, version: 1, deed: "written", at: iso(nowMs - 2 * DAY_MS), severity: null }];
}

export function fakeTeam(nowMs: number): CareTeamMember[] {
  const since = iso(nowMs - 60 * DAY_MS);
  return [
    { id: "t1", user: { id: "u1", name: "Dr Ruiz" }, role: "physician", roleWords: "Endocrinology", isMainContact: true, since, access: { scope: "manage", since } },
    { id: "t2", user: { id: "u2", name: "Noa Vidal" }, role: "dietitian", roleWords: null, isMainContact: false, since, access: null },
    { id: null, user: { id: "u3", name: "Dr Sanz" }, role: null, roleWords: null, isMainContact: false, since: null, access: { scope: "view", since } },
  ];
}

export function fakeReading(nowMs: number, change: Partial<MeterReading> = {}): MeterReading {
  return {
    id: "41", at: iso(nowMs - 3_600_000), date: "2026-03-12", valueMgDl: 101, valueMmolL: 5.6, outOfRange: null, unit: "mg/dL", type: "LUNCH", typeEs: "ALMUERZO", mealRelation: "before", sampleType: "capillary_whole_blood",
    sampleLocation: "finger", device: null, sequence: null, syncSource: "manual", source: SOURCES.sensor, note: "after the stairs", enteredBy: null, ...change,
  };
}

/** What a grant to somebody else's record allows. */
export const fakeAccess = (scope: PatientShown["access"]["scope"]): PatientShown => ({ id: IDS.patient, displayName: "Ana Demo", zone: "Europe/Madrid", isSelf: false, access: { kind: "shared", scope, until: null } });
