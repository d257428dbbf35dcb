/** What a person types after `islet report`, understood. */
import type { ReportLanguage } from "#charts/writer.ts";
import { type Preset, PRESETS, presetOf } from "#exports/presets.ts";
import { DEFAULT_DAYS } from "#exports/report-data.ts";
import { type Paper, PAPERS, REPORT_PAGES, type ReportPage } from "#exports/report.ts";
import type { DuplicatePolicy } from "#glucose/series.ts";
import type { GlucoseUnit } from "#units/glucose.ts";
import { chosen, DUPLICATES, type GlucoseFileOptions, UNITS, Unusable } from "./glucose-file.ts";

export interface ReportCommandOptions extends GlucoseFileOptions {
  /** Path of the PDF. */
  readonly out?: string;
  /** Folder of the CSV tables. */
  readonly csv?: string;
  readonly unit?: string;
  readonly lang?: string;
  readonly paper?: string;
  /** Names with commas between, or `all`; the summary unless given. */
  readonly pages?: string;
  readonly preset?: string;
  readonly name?: string;
  readonly days?: string;
  /** Which person, where the file holds several. */
  readonly id?: string;
  readonly duplicates?: string;
}

export interface Understood {
  readonly zone: string;
  readonly unit: GlucoseUnit;
  readonly language: ReportLanguage;
  readonly paper: Paper;
  readonly pages: readonly ReportPage[];
  readonly preset: Preset;
  readonly person: string | null;
  readonly days: number;
  readonly duplicates: DuplicatePolicy;
}

const MOST_DAYS = 366;
const LONGEST_NAME = 200;

/** The options with what holds where nothing was typed. Throws Unusable with a sentence. */
export function understood(options: ReportCommandOptions): Understood {
  if (options.out === undefined && options.csv === undefined) throw new Unusable("Say where to write: --out FILE.pdf for the report, --csv FOLDER for its tables.");
  return {
    zone: options.tz ?? "UTC",
    unit: chosen("--unit", options.unit, UNITS) ?? "mg/dL",
    language: chosen("--lang", options.lang, named(["en", "es"])) ?? "en",
    paper: chosen("--paper", options.paper, named(Object.keys(PAPERS) as Paper[])) ?? "a4",
    pages: pagesOf(options.pages ?? "summary"),
    preset: presetOf(chosen("--preset", options.preset, named(PRESETS)) ?? "standard"),
    person: nameOf(options.name),
    days: daysOf(options.days),
    duplicates: chosen("--duplicates", options.duplicates, DUPLICATES) ?? "mean",
  };
}

function named<T extends string>(names: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

function pagesOf(text: string): readonly ReportPage[] {
  if (text === "all") return REPORT_PAGES;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !REPORT_PAGES.includes(name as ReportPage));
  if (unknown !== undefined) throw new Unusable(`There is no page "${unknown.slice(0, 40)}"; --pages takes ${REPORT_PAGES.join(", ")}, or all.`);
  return names as ReportPage[];
}

function nameOf(text: string | undefined): string | null {
  // Line breaks and other control characters have no place in a head line.
  // oxlint-disable-next-line no-control-regex
  const name = (text ?? "").replaceAll(/[\u0000-\u001f\u007f]+/g, " ").trim().slice(0, LONGEST_NAME);
  return name === "" ? null : name;
}

function daysOf(text: string | undefined): number {
  const days = text === undefined ? DEFAULT_DAYS : /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MOST_DAYS) throw new Unusable(`--days must be a whole number from 1 to ${MOST_DAYS}.`);
  return days;
}
