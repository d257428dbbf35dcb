/** What a row of treatments tells of, by what it holds rather than by what it is called. Pure. Source: vendors/nightscout.md, treatments. */
import { looseNumber } from "#driver/payload.ts";
import type { TreatmentKind } from "#driver/records.ts";
import { MG_DL_PER_MMOL_L, parseGlucoseUnit } from "#units/glucose.ts";
import { METRICS } from "#units/metrics.ts";
import { MINUTE_MS } from "#units/time.ts";
import { amountOf, minutesOf, type TreatmentRow } from "./map-row.ts";
import type { Part } from "./part.ts";
import { textOf } from "./schema.ts";

const MOST_UNITS = 500;
const MOST_GRAMS = 2_000;
const DAY_MINUTES = 24 * 60;
/** A profile may be switched for weeks. */
const LONGEST_NOTE_MINUTES = 60 * DAY_MINUTES;
/** Without a unit a smaller number is mmol/L, as the server has it for targets. Source: nightscout-contract 7. */
const LEAST_MG_DL = 20;

/** Types whose words say nothing beyond what the row holds. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(["", "<none>", "note", "announcement", "question", "carbs", "carb correction", "bg check", "exercise"]);

/** Parts of one row, the one that carries its words first. Temporary basal rates are apart (map-basal.ts). */
export function partsOf(source: TreatmentRow): Part[] {
  const parts = [...carbohydrates(source), ...insulin(source), ...glucose(source), ...exercise(source)];
  const words = textOf(source.row["notes"]);
  const [first, ...others] = parts;
  if (first === undefined) return note(source, words);
  return words === undefined ? parts : [{ ...first, text: words }, ...others];
}

function carbohydrates(source: TreatmentRow): Part[] {
  const amount = amountOf(source, { field: "carbs", most: MOST_GRAMS });
  if (amount === null) return [];
  // Where the row also holds insulin, what lasts is its second part.
  const minutes = looseNumber(source.row["insulin"]) ? null : minutesOf(source, DAY_MINUTES);
  return [{ source, part: "carbs", kind: "carbohydrates", atMs: source.atMs, ...ending(source, minutes), amount }];
}

/** A bolus, and what of it is given over time. What a pump pushes into its tube is no insulin for anybody. */
function insulin(source: TreatmentRow): Part[] {
  const { row } = source;
  if (row["type"] === "PRIMING") return [];
  const parts: Part[] = [];
  const { now, later, minutes } = dosesOf(source);
  const kind = insulinKind(source);
  if (now !== null && now > 0) parts.push({ source, part: "insulin", kind, atMs: source.atMs, amount: now });
  if (later !== null && later > 0) parts.push({ source, part: "extended", kind, atMs: source.atMs, ...ending(source, minutes), amount: later });
  return parts;
}

interface Doses {
  readonly now: number | null;
  readonly later: number | null;
  readonly minutes: number | null;
}

/**
 * Of a bolus in two parts `insulin` is the one given at once, `relative` the rate of the other in U/h, `enteredinsulin` the sum. Where neither
 * is there, `insulin` is the sum and the percentages divide it. Source: care portal of the server; AndroidAPS writes the same.
 */
function dosesOf(source: TreatmentRow): Doses {
  const now = amountOf(source, { field: "insulin", most: MOST_UNITS });
  const [splitNow, splitExt] = [shareOf(source.row["splitNow"]), shareOf(source.row["splitExt"])];
  if (!source.type.includes("combo") && !(splitExt > 0)) return { now, later: null, minutes: null };
  const minutes = minutesOf(source, DAY_MINUTES);
  const entered = amountOf(source, { field: "enteredinsulin", most: MOST_UNITS });
  const rate = amountOf(source, { field: "relative", most: MOST_UNITS });
  if (entered !== null && splitExt > 0) return { now, later: rounded(entered * splitExt), minutes };
  if (rate !== null && minutes !== null) return { now, later: rounded((rate * minutes) / 60), minutes };
  if (now === null || !(splitExt > 0)) return { now, later: null, minutes };
  return { now: rounded(now * splitNow), later: rounded(now * splitExt), minutes };
}

/** Percent → share; 0 for what is none. */
function shareOf(value: unknown): number {
  const percent = looseNumber(value);
  return percent !== null && percent > 0 && percent <= 100 ? percent / 100 : 0;
}

const rounded = (units: number): number => Math.round(units * 10_000) / 10_000;

/** A bolus is rapid insulin. Injections of long insulin have no type of their own; AndroidAPS marks them. */
function insulinKind({ row, type }: TreatmentRow): TreatmentKind {
  if (row["isBasalInsulin"] === true) return "insulin_long";
  return type.includes("bolus") || type === "smb" ? "insulin_rapid" : "insulin_unspecified";
}

/** A finger-stick, in the unit of its own row. A copy of the sensor's reading is none. */
function glucose(source: TreatmentRow): Part[] {
  const { row, type, path, mapping } = source;
  const origin = textOf(row["glucoseType"])?.toLowerCase();
  const isFingerStick = origin === "finger" || (type === "bg check" && origin !== "sensor");
  const value = row["glucose"];
  if (!isFingerStick || value === null || value === undefined || value === "" || value === 0) return [];
  const number = looseNumber(value);
  const units = textOf(row["units"]);
  const unit = units === undefined ? (number !== null && number < LEAST_MG_DL ? "mmol/L" : "mg/dL") : parseGlucoseUnit(units);
  if (unit === null) {
    mapping.problem(`${path}/units`, "not a unit of glucose");
    return [];
  }
  const mgDl = (number ?? Number.NaN) * (unit === "mmol/L" ? MG_DL_PER_MMOL_L : 1);
  const { min, max } = METRICS.glucose_meter;
  if (!(mgDl >= min && mgDl <= max)) {
    mapping.problem(`${path}/glucose`, "not a glucose that a meter can show");
    return [];
  }
  return [{ source, part: "glucose", kind: "meter_glucose", atMs: source.atMs, amount: mgDl }];
}

function exercise(source: TreatmentRow): Part[] {
  if (source.type !== "exercise") return [];
  const minutes = minutesOf(source, 2 * DAY_MINUTES);
  return [{ source, part: "exercise", kind: "exercise", atMs: source.atMs, ...ending(source, minutes), ...(minutes === null ? {} : { amount: rounded(minutes) }) }];
}

function ending({ atMs }: TreatmentRow, minutes: number | null): { readonly endMs?: number } {
  return minutes === null ? {} : { endMs: Math.floor(atMs + minutes * MINUTE_MS) };
}

/** Changes of site and sensor, targets, profiles and whatever else people note; nothing where there are no words. */
function note(source: TreatmentRow, words: string | undefined): Part[] {
  const { row, type, eventType } = source;
  const isPlain = PLAIN_TYPES.has(type) || type.includes("bolus");
  const told = [isPlain ? undefined : textOf(row["profile"]), isPlain ? undefined : textOf(row["reason"]), words].filter((text) => text !== undefined).join(", ");
  const text = isPlain ? told : told === "" ? eventType : `${eventType}: ${told}`;
  if (text === "") return [];
  const minutes = isPlain ? null : minutesOf(source, LONGEST_NOTE_MINUTES);
  return [{ source, part: "note", kind: "note", atMs: source.atMs, ...ending(source, minutes), text }];
}
