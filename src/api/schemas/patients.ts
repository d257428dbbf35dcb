/** Shapes of where patients live, and of a clinic's list of them. */
import { z } from "zod";
import { instant, uuid } from "./common.ts";

const zoneEntry = z.object({
  from: z.string().max(40).describe("RFC 3339 instant with an offset, from which on the zone holds."),
  zone: z.string().max(64).describe("IANA name, e.g. Asia/Tokyo."),
});
export const zonesRequest = z.object({ data: z.array(zoneEntry).max(2_000).describe("The whole list, ascending.") });
export const zoneRequest = zoneEntry.partial({ from: true }).describe("Without `from`, from now on.");
export const zoneHistory = z.object({
  home: z.string().describe("Holds before the first entry; changed by PATCH /me."), current: z.string().describe("Holds now."),
  data: z.array(z.object({ from: instant, zone: z.string() })).describe("Ascending."),
});

export const patientIdentity = z.object({
  nationalId: z.string().nullable().describe("In full; null where the account has none."), hospitalAccount: z.string().nullable(),
});

export const PATIENT_SORTS = ["name", "timeInRange", "timeBelow", "mean", "cv", "wear", "lastReading"] as const;
const eventCounts = z.object({ level1: z.number(), level2: z.number() }).nullable();
/** One patient's glucose over whole local days; null where there is too little to say. */
export const patientSummary = z.object({
  id: uuid, displayName: z.string(), zone: z.string().describe("Holds now."), isSelf: z.boolean(),
  from: instant, asOf: instant.describe("End of the last whole local day: the numbers are of the days before."),
  days: z.number().describe("Local days that have readings."), readings: z.number(),
  rangesPercent: z.object({ veryLow: z.number(), low: z.number(), target: z.number(), high: z.number(), veryHigh: z.number(), tight: z.number() }).nullable(),
  meanMgDl: z.number().nullable(), meanMmolL: z.number().nullable(), sdMgDl: z.number().nullable(), sdMmolL: z.number().nullable(), cvPercent: z.number().nullable(),
  gmiPercent: z.number().nullable(), gmiMmolMol: z.number().nullable(), wearPercent: z.number().nullable().describe("Share of expected readings that are present, 0–100."),
  tbr: z.number().nullable().describe("Below target, percent."), tar: z.number().nullable().describe("Above target, percent."),
  gri: z.number().nullable().describe("Glycemia risk index, 0–100."), griHypo: z.number().nullable(), griHyper: z.number().nullable(), griZone: z.enum(["A", "B", "C", "D", "E"]).nullable(),
  lbgi: z.number().nullable(), hbgi: z.number().nullable(), bgri: z.number().nullable(), adrr: z.number().nullable(), jIndex: z.number().nullable(),
  lowEvents: eventCounts.describe("Episodes below the consensus' thresholds that begin in the days; level 1 counts those of level 2, too."), highEvents: eventCounts,
  change: z.object({ targetPoints: z.number(), meanMgDl: z.number(), meanMmolL: z.number(), daysBefore: z.number().describe("Local days before that have readings.") }).nullable()
    .describe("Against the same number of days just before; null where one of the two has no readings."),
  lastReading: z.object({ at: instant, valueMgDl: z.number(), valueMmolL: z.number(), ageSeconds: z.number(), isStale: z.boolean().describe("Older than 15 minutes: never show it as the current value.") }).nullable(),
});
export const patientSummaryList = z.object({
  asOf: instant.describe("When the list was made."), days: z.number(), data: z.array(patientSummary), nextCursor: z.string().nullable(), notice: z.string(),
});

export type PatientSummary = z.infer<typeof patientSummary>;
export type ZoneHistoryReply = z.infer<typeof zoneHistory>;
