/** The one formatter of pictures and reports: numbers, glucose, percents, dates and durations in a language and a unit. Zones are the caller's. */
import { type GlucoseUnit, inUnit, toMmolL } from "#units/glucose.ts";

export type ReportLanguage = "en" | "es";

/** en-GB: day before month, as everywhere outside the US; month names keep it unambiguous there too. */
const INTL_LOCALES: Readonly<Record<ReportLanguage, string>> = { en: "en-GB", es: "es" };

/** Limits as guidelines print them in mmol/L; converting would give 9.99 and 13.88. Source: Battelino 2019; cgm-metrics §5. */
const PRINTED_MMOL_L: Readonly<Record<number, number>> = { 54: 3.0, 63: 3.5, 70: 3.9, 140: 7.8, 154: 8.6, 180: 10.0, 250: 13.9 };

export type Writer = ReturnType<typeof createWriter>;

/** Formats for one unit and language; glucose goes in as mg/dL. Halves are rounded to the even neighbour, as in the consensus' displays. */
export function createWriter({ unit, language }: { readonly unit: GlucoseUnit; readonly language: ReportLanguage }) {
  const locale = INTL_LOCALES[language];
  const formats = new Map<number, Intl.NumberFormat>();
  const number = (value: number, decimals = 0): string => {
    let format = formats.get(decimals);
    if (!format) {
      format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, roundingMode: "halfEven" });
      formats.set(decimals, format);
    }
    // No −0 on paper.
    return format.format(value === 0 || Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value);
  };
  const decimals = unit === "mg/dL" ? 0 : 1;
  const sign = language === "es" ? "\u00a0%" : "%";
  return {
    unit,
    language,
    number,
    /** `112` or `6.2`, of mg/dL. */
    glucose: (mgDl: number): string => number(inUnit(mgDl, unit), decimals),
    glucoseWithUnit: (mgDl: number): string => `${number(inUnit(mgDl, unit), decimals)} ${unit}`,
    /** A difference or rate, with one decimal more. */
    glucoseFine: (mgDl: number): string => number(inUnit(mgDl, unit), decimals + 1),
    /** A limit given in mg/dL, as guidelines print it. */
    threshold: (mgDl: number): string => (unit === "mg/dL" ? number(mgDl) : number(PRINTED_MMOL_L[mgDl] ?? toMmolL(mgDl), 1)),
    /** The last printed value below a limit: 69 or 3.8. */
    justBelow: (mgDl: number): string => (unit === "mg/dL" ? number(mgDl - 1) : number((PRINTED_MMOL_L[mgDl] ?? toMmolL(mgDl)) - 0.1, 1)),
    /** The first printed value above a limit: 181 or 10.1. */
    justAbove: (mgDl: number): string => (unit === "mg/dL" ? number(mgDl + 1) : number((PRINTED_MMOL_L[mgDl] ?? toMmolL(mgDl)) + 0.1, 1)),
    /** `72%`, in Spanish `72 %`. */
    percent: (percent: number, decimalsOfPercent = 0): string => `${number(percent, decimalsOfPercent)}${sign}`,
    percentSign: sign,
    /** `7 h 12 min` of minutes. */
    duration: (minutes: number): string => duration(Math.round(minutes), number),
    ...dates(locale),
  };
}

function duration(minutes: number, number: (value: number) => string): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes - hours * 60;
  if (hours === 0) return `${number(rest)}\u00a0min`;
  return rest === 0 ? `${number(hours)}\u00a0h` : `${number(hours)}\u00a0h ${number(rest)}\u00a0min`;
}

/** Dates are YYYY-MM-DD and have no zone: each is formatted as the UTC day that it names. */
function dates(locale: string) {
  const of = (options: Intl.DateTimeFormatOptions): ((date: string) => string) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
    return (date) => format.format(Date.parse(`${date}T00:00:00Z`));
  };
  return {
    date: of({ day: "numeric", month: "short", year: "numeric" }),
    shortDate: of({ day: "numeric", month: "short" }),
    weekday: of({ weekday: "short" }),
    dayAndDate: of({ weekday: "short", day: "numeric", month: "short" }),
    month: of({ month: "long", year: "numeric" }),
  };
}
