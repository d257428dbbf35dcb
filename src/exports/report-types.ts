/** What a report is made of: plain data, glucose in mg/dL, shares in percent 0–100, times UTC epoch milliseconds, nothing rounded. */
import type { AgpBin } from "#charts/agp-bins.ts";
import type { DayCurve } from "#charts/daily-profile.ts";
import type { StripEvent } from "#charts/event-strip.ts";
import type { BandShares } from "#charts/shares.ts";
import type { GlucoseAnalysis } from "#glucose/analyze.ts";
import type { Finding } from "#glucose/quality.ts";
import type { CleaningReport, DuplicatePolicy } from "#glucose/series.ts";
import type { InsufficiencyReason } from "#glucose/wear.ts";
import type { ImportFormatId } from "#imports/types.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import type { Preset } from "./presets.ts";

/** Numbers of a set of readings; null where there are too few. */
export interface Numbers {
  readonly readings: number;
  readonly mean: number | null;
  /** Null under two readings. */
  readonly sd: number | null;
  readonly cvPercent: number | null;
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly p05: number | null;
  readonly p25: number | null;
  readonly p75: number | null;
  readonly p95: number | null;
  readonly shares: BandShares | null;
  /** Percent in the tight range (70–140 mg/dL); null where the ranges of the report have none. */
  readonly tightPercent: number | null;
}

export interface ReportDay extends DayCurve {
  readonly numbers: Numbers;
  /** Present of the day's expected readings. */
  readonly activePercent: number | null;
}

/** One hour of the clock over all days. */
export interface ReportHour {
  readonly hour: number;
  readonly numbers: Numbers;
}

export interface ReportEpisode extends StripEvent {
  /** Lowest or highest value. */
  readonly extreme: number;
  readonly mean: number;
  /** True where a gap or the end of the readings cut it off: it may have been longer. */
  readonly isCut: boolean;
}

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Why there is no profile, no shares or no GMI. Source: web-ux §4 (sufficiency). */
export type Lack = InsufficiencyReason | "under_24_hours" | "under_7_days" | "under_70_percent_of_7_days" | "under_30_readings";

export interface ReportFile {
  readonly format: ImportFormatId | "apple-health-export";
  readonly unit: GlucoseUnit;
  readonly unitSource: "header" | "values" | "option" | "records";
  readonly rows: number;
  readonly unusableRows: number;
}

export interface ReportSource {
  /** Names of the file or of the devices and services. */
  readonly names: readonly string[];
  /** Set where the readings come from a file. */
  readonly file: ReportFile | null;
  readonly duplicates: DuplicatePolicy;
  readonly cleaning: CleaningReport;
}

export interface ReportData {
  /** Name to print; null prints none. */
  readonly person: string | null;
  /** IANA zone of the person's days. */
  readonly zone: string;
  readonly preset: Preset;
  /** Whole local days, first and last in. */
  readonly period: { readonly firstDate: string; readonly lastDate: string; readonly fromMs: number; readonly toMs: number };
  readonly cadenceMinutes: number | null;
  /** Present of expected readings, from the period's begin to the last reading. */
  readonly activePercent: number | null;
  readonly numbers: Numbers;
  /** Set where shares and averages would say nothing. */
  readonly lack: Lack | null;
  /** Withheld with a reason where the readings do not suffice. */
  readonly gmi: { readonly percent: number; readonly mmolMol: number } | { readonly lack: Lack };
  /** CV is withheld like GMI, under thirty readings. */
  readonly variability: { readonly cvPercent: number } | { readonly lack: Lack };
  readonly profile: { readonly bins: readonly (AgpBin | null)[]; readonly lack: Lack | null };
  /** Every day of the period, also those without readings. */
  readonly days: readonly ReportDay[];
  readonly hours: readonly ReportHour[];
  /** From midnight to 6, and from 6 to midnight, of the clock. */
  readonly night: Numbers;
  readonly daytime: Numbers;
  /** Ascending by start. */
  readonly episodes: readonly ReportEpisode[];
  /** Ascending by start, longer than half an hour. */
  readonly gaps: readonly Gap[];
  /** Every metric of the period, mg/dL, by the report's ranges. */
  readonly analysis: GlucoseAnalysis;
  /** Findings beside the gaps. */
  readonly findings: readonly Finding[];
  readonly source: ReportSource;
}
