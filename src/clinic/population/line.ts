/** A patient's line: glucose over the last whole local days, by the patient's own target. */
import type { RangeShares } from "#glucose/ranges.ts";
import type { Window } from "#units/time.ts";

/** Periods that lines are kept of, in days. */
export const PERIODS = [7, 14, 30, 90] as const;
export type Period = (typeof PERIODS)[number];
export const DEFAULT_PERIOD: Period = 14;

/** Whose lines they are. */
export interface Owner {
  readonly organizationId: string;
  readonly patientId: string;
}

/** Glucose in mg/dL, shares in percent 0–100, unrounded; null where undefined. The numbers are those of /glucose/statistics over the window. */
export interface Line extends Window {
  readonly days: Period;
  /** The row of patient_targets that it was made by; null: the standard one. */
  readonly targetId: string | null;
  readonly readings: number;
  /** Local days that have readings. */
  readonly daysRead: number;
  readonly ranges: RangeShares | null;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly cv: number | null;
  readonly gmi: number | null;
  readonly wear: number | null;
  /** Of as many days just before: those with readings, and the share in target. */
  readonly beforeDays: number;
  readonly beforeTarget: number | null;
  readonly lowEvents: number | null;
  readonly veryLowEvents: number | null;
  readonly highEvents: number | null;
  readonly veryHighEvents: number | null;
  readonly lastMs: number | null;
  readonly lastMgDl: number | null;
}

/** What lists are filtered and ordered by. */
export type LineFacts = Pick<Line, "ranges" | "mean" | "cv" | "gmi" | "wear" | "beforeDays" | "beforeTarget" | "lowEvents" | "highEvents" | "lastMs" | "lastMgDl">;

/** Numbers by place: names of thousands of lines would take longer to read than the numbers. */
export type WrittenFacts = readonly [
  veryLow: number | null, low: number, target: number, high: number, veryHigh: number, tight: number, mean: number | null, cv: number | null, gmi: number | null, wear: number | null, beforeDays: number,
  beforeTarget: number | null, lowEvents: number | null, highEvents: number | null, lastMs: number | null, lastMgDl: number | null,
];

/** The facts of a line as they rest: a JSON array. */
export function writeFacts({ ranges, mean, cv, gmi, wear, beforeDays, beforeTarget, lowEvents, highEvents, lastMs, lastMgDl }: Line): string {
  const { veryLow, low, target, high, veryHigh, tight } = ranges ?? { veryLow: null, low: 0, target: 0, high: 0, veryHigh: 0, tight: 0 };
  const facts: WrittenFacts = [veryLow, low, target, high, veryHigh, tight, mean, cv, gmi, wear, beforeDays, beforeTarget, lowEvents, highEvents, lastMs, lastMgDl];
  return JSON.stringify(facts);
}

export function factsOf([veryLow, low, target, high, veryHigh, tight, mean, cv, gmi, wear, beforeDays, beforeTarget, lowEvents, highEvents, lastMs, lastMgDl]: WrittenFacts): LineFacts {
  return { ranges: veryLow === null ? null : { veryLow, low, target, high, veryHigh, tight }, mean, cv, gmi, wear, beforeDays, beforeTarget, lowEvents, highEvents, lastMs, lastMgDl };
}
