/**
 * The one formatter: every number with a unit, every date and every duration on a page goes through here, and so follows the
 * person's unit, language and time zone.
 */
import { inUnit, toMmolL } from "#units/glucose.ts";
import type { GlucoseUnit, Locale, MetricName } from "#web/client/types.ts";

export interface FormatSettings {
  readonly unit: GlucoseUnit;
  readonly locale: Locale;
  /** IANA zone. */
  readonly zone: string;
}

/** en-GB: day before month, as everywhere outside the US; month names keep it unambiguous there too. */
const INTL_LOCALE: Record<Locale, string> = { en: "en-GB", es: "es" };

const GLUCOSE_DECIMALS: Record<GlucoseUnit, number> = { "mg/dL": 0, "mmol/L": 1 };

/** Glucose thresholds as the consensus prints them in mmol/L; converting would give 9.99 and 13.88. */
const PRINTED_MMOL_L: Readonly<Record<number, number>> = { 54: 3.0, 63: 3.5, 70: 3.9, 140: 7.8, 180: 10.0, 250: 13.9 };

type UnitWord = string | null | Readonly<Record<Locale, string>>;

const A_MINUTE: UnitWord = { en: "bpm", es: "lpm" };

/**
 * How the metrics that pages show are written: decimals and the unit's word (null: none). The vocabulary of #units/metrics.ts has
 * all metrics; it stays out of the browser, and a test holds these lines against it.
 */
export const SHOWN_METRICS = {
  heart_rate: { decimals: 0, word: A_MINUTE },
  resting_heart_rate: { decimals: 0, word: A_MINUTE },
  steps: { decimals: 0, word: null },
  stress: { decimals: 0, word: null },
  vo2max: { decimals: 1, word: "ml/kg/min" },
  vo2max_running: { decimals: 1, word: "ml/kg/min" },
  vo2max_cycling: { decimals: 1, word: "ml/kg/min" },
  power: { decimals: 0, word: "W" },
  altitude: { decimals: 0, word: "m" },
  calories_active: { decimals: 0, word: "kcal" },
} as const satisfies Partial<Record<MetricName, { readonly decimals: number; readonly word: UnitWord }>>;

export type ShownMetric = keyof typeof SHOWN_METRICS;

export type Formatter = ReturnType<typeof createFormatter>;

/** Formats for one person. Cheap calls; build it once per settings. */
export function createFormatter({ unit, locale, zone }: FormatSettings) {
  const intl = INTL_LOCALE[locale];
  const numbers = new Map<string, Intl.NumberFormat>();
  const number = (value: number, decimals = 0, sign: "auto" | "exceptZero" = "auto"): string => {
    const key = `${decimals} ${sign}`;
    let format = numbers.get(key);
    if (!format) {
      format = new Intl.NumberFormat(intl, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: sign });
      numbers.set(key, format);
    }
    return format.format(value);
  };
  // "72%" in English, "72 %" in Spanish.
  const percentText = (percent: number, decimals: number): string =>
    new Intl.NumberFormat(intl, { style: "unit", unit: "percent", minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(percent);
  const dates = dateFormats(intl, zone);
  const glucose = (value: number, of: GlucoseUnit = unit): string => number(value, GLUCOSE_DECIMALS[of]);

  return {
    unit, locale, zone,
    number,
    /** A value that is already in `of` (default: the person's unit), without the unit's name. */
    glucose,
    glucoseWithUnit: (value: number, of: GlucoseUnit = unit): string => `${glucose(value, of)} ${of}`,
    /** `+4 mg/dL`, `−0.2 mmol/L`, from a difference in mg/dL. */
    glucoseDelta: (deltaMgDl: number): string => `${number(inUnit(deltaMgDl, unit), GLUCOSE_DECIMALS[unit], "exceptZero")} ${unit}`,
    /** A threshold given in mg/dL, in the person's unit as guidelines print it. */
    threshold: (mgDl: number): string => (unit === "mg/dL" ? number(mgDl) : number(PRINTED_MMOL_L[mgDl] ?? toMmolL(mgDl), 1)),
    percent: (percent: number): string => percentText(percent, percentDecimals(percent)),
    /** A percentage with a fixed number of decimals, e.g. GMI. */
    percentExact: percentText,
    /** A finger-stick or another single glucose value, given in mg/dL. */
    glucoseOfMgDl: (mgDl: number): string => `${glucose(inUnit(mgDl, unit))} ${unit}`,
    /** A value of a metric in its canonical unit, with the unit's word. */
    metric(metric: ShownMetric, value: number): string {
      const word = unitWord(metric, locale);
      const text = number(value, SHOWN_METRICS[metric].decimals);
      return word === null ? text : `${text} ${word}`;
    },
    metricNumber: (metric: ShownMetric, value: number): string => number(value, SHOWN_METRICS[metric].decimals),
    metricUnit: (metric: ShownMetric): string | null => unitWord(metric, locale),
    /** An entered amount as a person wrote it, e.g. `45 g`, `4.5 U`: no decimals that were not there. */
    amount: (value: number, unitName: string | null): string =>
      `${new Intl.NumberFormat(intl, { maximumFractionDigits: 2 }).format(value)}${unitName ? ` ${unitName}` : ""}`,
    kilometres: (metres: number): string => `${number(metres / 1000, metres < 100_000 ? 1 : 0)} km`,
    /** `7 h 12 min`, `45 min`. Seconds in, rounded to the minute; a little is not shown as nothing. */
    duration(seconds: number): string {
      if (seconds > 0 && seconds < 30) return `< ${number(1)} min`;
      const minutes = Math.round(seconds / 60);
      const hours = Math.floor(minutes / 60);
      if (hours === 0) return `${number(minutes)} min`;
      return minutes % 60 === 0 ? `${number(hours)} h` : `${number(hours)} h ${number(minutes % 60)} min`;
    },
    /** `5:12 min/km`. */
    pace(secondsPerKm: number): string {
      const whole = Math.round(secondsPerKm);
      return `${number(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")} min/km`;
    },
    ...dates,
    ...relativeFormats(intl),
    list: (items: readonly string[]): string => new Intl.ListFormat(intl, { type: "conjunction" }).format(items),
  };
}

/** Whole numbers; one decimal for 0.05–0.5 and two below, so that little is not shown as nothing. */
function percentDecimals(percent: number): number {
  const size = Math.abs(percent);
  if (size === 0 || size >= 0.5) return 0;
  return size >= 0.05 ? 1 : 2;
}

function unitWord(metric: ShownMetric, locale: Locale): string | null {
  const word: UnitWord = SHOWN_METRICS[metric].word;
  return typeof word === "object" && word !== null ? word[locale] : word;
}

const ofDay = (text: string): number => Date.parse(`${text}T00:00:00Z`);

function dateFormats(intl: string, zone: string) {
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(intl, { hourCycle: "h23", timeZone: zone, ...options });
  const time = format({ hour: "2-digit", minute: "2-digit" });
  const date = format({ weekday: "short", day: "numeric", month: "short" });
  const longDate = format({ weekday: "long", day: "numeric", month: "long" });
  const shortDate = format({ day: "numeric", month: "short" });
  const dateTime = format({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  // A calendar day has no zone: it is formatted as the UTC day that it names.
  const day = format({ weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const shortDay = format({ day: "numeric", month: "short", timeZone: "UTC" });
  const yearDay = format({ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const dateOfYear = format({ day: "numeric", month: "short", year: "numeric" });
  return {
    /** Instants: UTC epoch milliseconds. */
    time: (ms: number): string => time.format(ms),
    date: (ms: number): string => date.format(ms),
    longDate: (ms: number): string => longDate.format(ms),
    shortDate: (ms: number): string => shortDate.format(ms),
    dateTime: (ms: number): string => dateTime.format(ms),
    /** Calendar days: YYYY-MM-DD. */
    day: (text: string): string => day.format(ofDay(text)),
    shortDay: (text: string): string => shortDay.format(ofDay(text)),
    /** Of any year: `3 Mar 2009`. */
    yearDay: (text: string): string => yearDay.format(ofDay(text)),
    yearDate: (ms: number): string => dateOfYear.format(ms),
  };
}

function say(format: Intl.RelativeTimeFormat, ageSeconds: number): string {
  const age = Math.max(ageSeconds, 0);
  if (age < 60) return format.format(-Math.floor(age), "second");
  // "96 min ago" says more than "1 h ago".
  if (age < 7200) return format.format(-Math.floor(age / 60), "minute");
  if (age < 86_400) return format.format(-Math.floor(age / 3600), "hour");
  return format.format(-Math.floor(age / 86_400), "day");
}

function relativeFormats(intl: string) {
  const short = new Intl.RelativeTimeFormat(intl, { style: "short", numeric: "always" });
  const long = new Intl.RelativeTimeFormat(intl, { style: "long", numeric: "always" });
  return {
    /** `3 min ago`, for eyes. */
    ago: (ageSeconds: number): string => say(short, ageSeconds),
    /** `3 minutes ago`, for screen readers. */
    agoLong: (ageSeconds: number): string => say(long, ageSeconds),
  };
}

/** The zone in which the browser is now. */
export const browserZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
