/**
 * What a driver may produce: the four kinds of record, and the withdrawal of one. Pure data.
 * Times are UTC epoch milliseconds; `offsetMinutes` is the local offset the measurement was taken in, null when the vendor
 * does not say.
 */
import type { MetricName } from "#units/metrics.ts";

/** The physical thing that measured. */
export interface Device {
  /** Stable within the connection: serial, transmitter hash or model. Part of the series' identity. */
  readonly id: string;
  /** What to call it before a person, e.g. "Forerunner 965". */
  readonly name?: string;
}

/** Quality marks of one sample, kept beside the (clamped) value. */
export type SampleFlag =
  | "below_range" // a glucose sensor said LOW: the value is the sensor's floor
  | "above_range" // a glucose sensor said HIGH: the value is the sensor's ceiling
  | "manual" // typed by a person
  | "estimated" // computed by the vendor from a model, not measured (e.g. power without a power meter)
  | "day_total" // the vendor's own total for a day; never added to intraday samples
  | "calibration"; // a finger-stick used to calibrate a sensor

/** A number of one metric at an instant (`endMs` absent) or over `[startMs, endMs)`. `value` is in the metric's unit. */
export interface SampleRecord {
  readonly record: "sample";
  readonly metric: MetricName;
  readonly startMs: number;
  readonly endMs?: number;
  readonly value: number;
  readonly offsetMinutes: number | null;
  readonly device?: Device;
  readonly flags?: readonly SampleFlag[];
}

export type SleepStageName = "awake" | "light" | "deep" | "rem" | "asleep" | "in_bed" | "unmeasurable";

export interface SleepStage {
  readonly stage: SleepStageName;
  readonly startMs: number;
  readonly endMs: number;
}

/** One sleep. Totals are seconds; absent when the vendor did not send them (absent is never 0). */
export interface SleepRecord {
  readonly record: "sleep";
  /** The vendor's id where it is stable over revisions, else null: then the start is the key. */
  readonly vendorId: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMinutes: number | null;
  readonly isNap: boolean;
  readonly stages: readonly SleepStage[];
  readonly totals: {
    readonly inBedS?: number;
    readonly asleepS?: number;
    readonly deepS?: number;
    readonly lightS?: number;
    readonly remS?: number;
    readonly awakeS?: number;
  };
  readonly efficiencyPercent?: number;
  /** The vendor's own score, 0–100. */
  readonly score?: number;
  readonly device?: Device;
}

export interface WorkoutLap {
  readonly startMs: number;
  readonly endMs?: number;
  readonly distanceM?: number;
  readonly averageHeartRate?: number;
}

/** One activity. Absent means "not sent", never 0. */
export interface WorkoutRecord {
  readonly record: "workout";
  readonly vendorId: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMinutes: number | null;
  /** One of SPORTS. */
  readonly sport: Sport;
  /** The vendor's own word for the sport. */
  readonly vendorSport?: string;
  readonly title?: string;
  /** Moving time, seconds. */
  readonly activeS?: number;
  readonly distanceM?: number;
  readonly energyKcal?: number;
  readonly averageHeartRate?: number;
  readonly maxHeartRate?: number;
  readonly averageSpeedMS?: number;
  readonly maxSpeedMS?: number;
  /** Seconds per kilometre. */
  readonly averagePaceSKm?: number;
  readonly averagePowerW?: number;
  readonly maxPowerW?: number;
  /** True when power is the vendor's estimate. */
  readonly isPowerEstimated?: boolean;
  /** Steps or strokes or turns a minute, of both legs. */
  readonly averageCadence?: number;
  readonly elevationGainM?: number;
  readonly steps?: number;
  readonly laps?: readonly WorkoutLap[];
  /** Seconds in each heart-rate zone of the vendor's own, the lowest first. */
  readonly heartRateZonesS?: readonly number[];
  readonly isManual?: boolean;
  readonly device?: Device;
}

export const SPORTS = [
  "running", "cycling", "walking", "hiking", "swimming", "rowing", "strength", "hiit", "yoga", "pilates", "elliptical",
  "stair_climbing", "climbing", "skiing", "snowboarding", "skating", "water_sport", "racket_sport", "team_sport", "golf",
  "dance", "martial_arts", "meditation", "wheelchair", "multisport", "transition", "other",
] as const;
export type Sport = (typeof SPORTS)[number];

export type TreatmentKind =
  | "carbohydrates" // g
  | "insulin_rapid" // U
  | "insulin_long" // U
  | "insulin_unspecified" // U
  | "insulin_basal" // U given by a pump over [atMs, endMs); absent where the pump was not told to give a known amount
  | "exercise" // min
  | "meter_glucose" // mg/dL, a finger-stick
  | "calibration" // mg/dL, a finger-stick that calibrated a sensor
  | "health" // text: illness, stress, alcohol …
  | "alert" // text: the sensor's own alert
  | "note"; // text

/** When in a person's day a meter reading was taken, and on which side of a meal. Source: requirement D5; Bluetooth glucose profile 1.0, meal field. */
export const MEALS = ["breakfast", "lunch", "snack", "dinner", "exercise", "other_meal", "other"] as const;
export type Meal = (typeof MEALS)[number];
/** The constants that the API calls them by, in both languages. Source: requirement D5. */
export const READING_TYPES = {
  breakfast: { en: "BREAKFAST", es: "DESAYUNO" }, lunch: { en: "LUNCH", es: "ALMUERZO" }, snack: { en: "SNACK", es: "MERIENDA" }, dinner: { en: "DINNER", es: "CENA" },
  exercise: { en: "EXERCISE", es: "EJERCICIO" }, other_meal: { en: "OTHER_MEALS", es: "OTRAS_COMIDAS" }, other: { en: "OTHER", es: "OTRO" },
} as const satisfies Readonly<Record<Meal, { readonly en: string; readonly es: string }>>;
export const MEAL_RELATIONS = ["before", "after", "fasting", "casual", "bedtime"] as const;
export type MealRelation = (typeof MEAL_RELATIONS)[number];

/** What a meter measured in and where it was taken. Source: Bluetooth glucose profile 1.0, type and sample location (control solution is no reading). */
export const SAMPLE_TYPES = [
  "capillary_whole_blood", "capillary_plasma", "venous_whole_blood", "venous_plasma", "arterial_whole_blood", "arterial_plasma",
  "undetermined_whole_blood", "undetermined_plasma", "interstitial_fluid",
] as const;
export type SampleType = (typeof SAMPLE_TYPES)[number];
export const SAMPLE_LOCATIONS = ["finger", "alternate_site", "earlobe"] as const;
export type SampleLocation = (typeof SAMPLE_LOCATIONS)[number];
/** By which way a meter's reading came. */
export const SYNC_SOURCES = ["manual", "bluetooth", "app", "import"] as const;
export type SyncSource = (typeof SYNC_SOURCES)[number];

/** What a person did or noted at an instant. `amount` in the unit that belongs to the kind; absent when unknown. */
export interface TreatmentRecord {
  readonly record: "treatment";
  readonly kind: TreatmentKind;
  readonly vendorId: string | null;
  readonly atMs: number;
  /** Where it lasted: a pump's basal segment, an extended bolus, exercise. */
  readonly endMs?: number;
  readonly offsetMinutes: number | null;
  readonly amount?: number;
  readonly text?: string;
  /** Of a meter reading. */
  readonly meal?: Meal;
  readonly mealRelation?: MealRelation;
  readonly sampleType?: SampleType;
  readonly sampleLocation?: SampleLocation;
  /** The unit that it was sent in; `amount` is mg/dL all the same. */
  readonly sentUnit?: "mg/dL" | "mmol/L";
  /** The meter said LO or HI: `amount` is where its numbers end. */
  readonly beyond?: "below" | "above";
  /** The meter's own number of it. */
  readonly sequence?: string;
  readonly syncSource?: SyncSource;
  /** The account that entered it for the person. */
  readonly enteredBy?: string;
  readonly isManual?: boolean;
  readonly device?: Device;
}

/** The vendor withdrew a record it had sent before. */
export interface WithdrawalRecord {
  readonly record: "withdrawal";
  readonly of: "sleep" | "workout" | "treatment";
  readonly vendorId: string;
}

export type VendorRecord = SampleRecord | SleepRecord | WorkoutRecord | TreatmentRecord | WithdrawalRecord;

/** One thing of a payload that could not be mapped: where (JSON pointer or line) and why. Never the value. */
export interface MappingProblem {
  readonly path: string;
  readonly reason: string;
}

/** All that one payload gave. Good items are kept even when others are problems. */
export interface MapResult {
  readonly records: readonly VendorRecord[];
  readonly problems: readonly MappingProblem[];
  /** Present where the payload answers the question what is left after a deletion. */
  readonly replaces?: Replacement;
}

/**
 * The records beside it are all that the vendor has in the window `[fromMs, toMs)` of these kinds and metrics: what is stored of the connection,
 * starts in it and is not among them, was deleted at the vendor.
 */
export interface Replacement {
  readonly fromMs: number;
  readonly toMs: number;
  readonly of: readonly ("sleep" | "workout" | "treatment")[];
  readonly metrics: readonly MetricName[];
  /** Of samples only those with the flag `day_total`, or never those; absent: both. */
  readonly dayTotals?: "only" | "never";
}
