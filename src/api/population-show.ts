/** How a patient's row is told, as JSON and as a row of a table. */
import type { Beside, OpenAppointment } from "#clinic/population/beside.ts";
import { ageClassOf, changeOf } from "#clinic/population/filter.ts";
import { limitsOf } from "#clinic/population/groups.ts";
import type { Line } from "#clinic/population/line.ts";
import type { PopulationRow } from "#clinic/population/read-rows.ts";
import type { Review } from "#clinic/population/reviews.ts";
import { groupTitle, type AttentionRules } from "#clinic/population/rules.ts";
import { STANDARD_TARGET } from "#clinic/targets/target.ts";
import type { Cell } from "#exports/csv.ts";
import { toMmolL } from "#units/glucose.ts";
import { formatInstant } from "#units/time.ts";
import type { ApiContext } from "./context.ts";
import type { ClinicPatient, ReviewShown, TagShown } from "./schemas.ts";
import { showTarget } from "./targets.ts";

/** What rows are told by, beside themselves. */
export interface Telling {
  readonly nowMs: number;
  readonly days: number;
  readonly rules: AttentionRules;
  readonly tags: ReadonlyMap<string, TagShown>;
  /** Names of whoever reviewed. */
  readonly names: ReadonlyMap<string, string>;
  readonly beside: Beside;
  readonly vendorName: (provider: string) => string;
}

export function vendorNames({ sync }: Pick<ApiContext, "sync">): (provider: string) => string {
  const names = new Map(sync.providers.drivers.map(({ id, displayName }) => [id, displayName]));
  return (provider) => names.get(provider) ?? provider;
}

const both = (mgDl: number | null): { mgDl: number; mmolL: number } | null => (mgDl === null ? null : { mgDl, mmolL: toMmolL(mgDl) });

export function showRow(row: PopulationRow, telling: Telling): ClinicPatient {
  const { facts, line, flags } = row;
  const { nowMs } = telling;
  return {
    id: facts.id, displayName: facts.name, zone: row.zone, isEmergency: facts.isEmergency, days: telling.days, from: line && formatInstant(line.fromMs), to: line && formatInstant(line.toMs),
    asOf: row.madeMs === null ? null : formatInstant(row.madeMs), isBehind: row.isBehind,
    lastData: line?.lastMs == null || line.lastMgDl === null ? null : { at: formatInstant(line.lastMs), ageSeconds: Math.max(0, Math.round((nowMs - line.lastMs) / 1000)), value: both(line.lastMgDl)! },
    age: ageClassOf(line?.lastMs ?? null, nowMs), ...showGlucose(line),
    connection: {
      health: facts.connection,
      vendors: row.connections.map(({ provider, health, lastSyncMs }) => ({ provider, name: telling.vendorName(provider), health, lastSyncAt: lastSyncMs === null ? null : formatInstant(lastSyncMs) })),
    },
    tags: tagsOf(facts.tagIds, telling), target: showTarget(row.targetSet ?? STANDARD_TARGET), isTargetMet: isTargetMet(row, telling.rules),
    lastReview: row.review && showReview(row.review, telling.names), group: flags[0]?.group ?? null,
    flags: flags.map(({ group, value, threshold, isLowData }) => ({ group, title: groupTitle(group), value, threshold, isLowData })), isSnoozed: row.isSnoozed,
    appointment: showAppointment(telling.beside.appointments.get(facts.id), nowMs), account: telling.beside.accounts.get(facts.id) ?? null,
  };
}

function showAppointment(open: OpenAppointment | undefined, nowMs: number): ClinicPatient["appointment"] {
  if (open === undefined) return null;
  return { id: open.id, state: open.state, requestedAt: formatInstant(open.requestedMs), stateAt: formatInstant(open.stateMs), ageSeconds: Math.max(0, Math.round((nowMs - open.stateMs) / 1000)) };
}

type Glucose = Pick<ClinicPatient, "readings" | "daysRead" | "ranges" | "timeInRange" | "timeBelow" | "timeAbove" | "mean" | "sd" | "cvPercent" | "gmiPercent" | "wearPercent" | "change" | "lowEvents" | "highEvents">;

function showGlucose(line: Line | null): Glucose {
  const ranges = line?.ranges ?? null;
  const change = changeOf(line);
  const events = (level1: number | null | undefined, level2: number | null | undefined): Glucose["lowEvents"] => (level1 == null || level2 == null ? null : { level1, level2 });
  return {
    readings: line?.readings ?? 0, daysRead: line?.daysRead ?? 0, ranges, timeInRange: ranges?.target ?? null, timeBelow: ranges && ranges.veryLow + ranges.low,
    timeAbove: ranges && ranges.high + ranges.veryHigh, mean: both(line?.mean ?? null), sd: both(line?.sd ?? null), cvPercent: line?.cv ?? null, gmiPercent: line?.gmi ?? null,
    wearPercent: line?.wear ?? null, change: change === null ? null : { points: change, daysBefore: line!.beforeDays },
    lowEvents: events(line?.lowEvents, line?.veryLowEvents), highEvents: events(line?.highEvents, line?.veryHighEvents),
  };
}

function tagsOf(ids: readonly string[], { tags }: Telling): TagShown[] {
  return ids.flatMap((id) => tags.get(id) ?? []).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Null where there is nothing to be met, or too little data to say so. */
function isTargetMet({ facts, line, flags }: PopulationRow, rules: AttentionRules): boolean | null {
  if (!line?.ranges || (line.wear ?? 0) < rules.wearPercent) return null;
  const { target, low, veryLow, high, veryHigh } = limitsOf(facts.target, rules);
  const hasGoals = Object.values(facts.target.goals).some((goal: number | null) => goal !== null);
  if (!hasGoals || [target, low, veryLow, high, veryHigh].every((limit) => limit === null)) return null;
  return flags.some(({ group }) => group === "onTarget");
}

export function showReview({ id, reviewedBy, reviewedMs, snooze }: Review, names: ReadonlyMap<string, string>): ReviewShown {
  return {
    id, reviewedAt: formatInstant(reviewedMs), reviewedBy, reviewedByName: names.get(reviewedBy) ?? null,
    snooze: snooze && { until: formatInstant(snooze.untilMs), reason: snooze.reason, groups: [...snooze.groups] },
  };
}

/** Columns of the file, in the order of `tableRow`. */
export const TABLE_COLUMNS = [
  "id", "name", "days", "from", "to", "as_of", "last_data_at", "last_value_mg_dl", "last_value_mmol_l", "readings", "days_read", "very_low_percent", "low_percent", "in_range_percent", "high_percent",
  "very_high_percent", "tight_percent", "below_range_percent", "above_range_percent", "mean_mg_dl", "mean_mmol_l", "sd_mg_dl", "sd_mmol_l", "cv_percent", "gmi_percent", "wear_percent",
  "change_of_time_in_range_points", "low_events", "very_low_events", "high_events", "very_high_events", "connection", "vendors", "tags", "target", "target_met", "last_reviewed_at", "group", "flags",
  "appointment", "appointment_requested_at", "appointment_since", "account_blocked",
] as const;

export function tableRow(told: ClinicPatient): Cell[] {
  const { ranges, lastData, mean, sd, change, lowEvents, highEvents, connection } = told;
  return [
    told.id, told.displayName, told.days, told.from, told.to, told.asOf, lastData?.at ?? null, lastData?.value.mgDl ?? null, lastData?.value.mmolL ?? null, told.readings, told.daysRead,
    ranges?.veryLow ?? null, ranges?.low ?? null, ranges?.target ?? null, ranges?.high ?? null, ranges?.veryHigh ?? null, ranges?.tight ?? null, told.timeBelow, told.timeAbove,
    mean?.mgDl ?? null, mean?.mmolL ?? null, sd?.mgDl ?? null, sd?.mmolL ?? null, told.cvPercent, told.gmiPercent, told.wearPercent, change?.points ?? null, lowEvents?.level1 ?? null,
    lowEvents?.level2 ?? null, highEvents?.level1 ?? null, highEvents?.level2 ?? null, connection.health, connection.vendors.map(({ name, health }) => `${name} (${health})`).join("; "),
    told.tags.map(({ name }) => name).join("; "), told.target.preset, told.isTargetMet === null ? null : String(told.isTargetMet), told.lastReview?.reviewedAt ?? null, told.group,
    told.flags.map(({ group, isLowData }) => (isLowData ? `${group} (low data)` : group)).join("; "),
    told.appointment?.state ?? null, told.appointment?.requestedAt ?? null, told.appointment?.stateAt ?? null, told.account === null ? null : String(told.account.isBlocked),
  ];
}
