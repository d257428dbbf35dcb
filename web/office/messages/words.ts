/** Words and numbers for the office's components: a translator that knows its keys, and the one formatter of Islet. */
import { useLocaleState, useTranslate } from "ra-core";
import { createFormatter, type Formatter } from "#web/language/format.ts";
import type { GlucoseUnit, Locale } from "#web/client/types.ts";
import { useStaff } from "../session/staff.ts";
import type { MessageKey } from "./catalogue.ts";

export type Words = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;

/** The words in the person's language. */
export function useWords(): Words {
  return useTranslate() as Words;
}

export function useLocale(): Locale {
  const [locale] = useLocaleState();
  return locale === "es" ? "es" : "en";
}

/** Numbers, units and times as the signed-in person wants them; `zone` is the patient's where a patient is shown. */
export function useFormatter(zone?: string): Formatter {
  const locale = useLocale();
  const { session, unit } = useStaff();
  const shownZone = zone ?? session.preferences.zone;
  return formatterOf(unit, locale, shownZone);
}

/** One for all who ask alike: making one costs a millisecond, and a list has hundreds of lines. */
const formatters = new Map<string, Formatter>();

function formatterOf(unit: GlucoseUnit, locale: Locale, zone: string): Formatter {
  const key = `${unit} ${locale} ${zone}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = createFormatter({ unit, locale, zone });
  formatters.set(key, made);
  return made;
}

export const otherUnit = (unit: GlucoseUnit): GlucoseUnit => (unit === "mg/dL" ? "mmol/L" : "mg/dL");
