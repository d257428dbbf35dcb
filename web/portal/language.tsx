/** Words and numbers for the components: the translator and the formatter in force. */
import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { GlucoseUnit, Locale } from "#web/client/types.ts";
import { createFormatter, type Formatter } from "./format.ts";
import { createTranslate, type Translate } from "./messages/translate.ts";

export interface Language {
  readonly t: Translate;
  readonly f: Formatter;
}

const LanguageContext = createContext<Language | null>(null);

export interface LanguageProps {
  readonly unit: GlucoseUnit;
  readonly locale: Locale;
  readonly zone: string;
  readonly children: ReactNode;
}

export function LanguageProvider({ unit, locale, zone, children }: LanguageProps) {
  const language = useMemo(() => ({ t: createTranslate(locale), f: createFormatter({ unit, locale, zone }) }), [unit, locale, zone]);
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (!language) throw new Error("useLanguage needs a LanguageProvider above it.");
  return language;
}

/** The language before anybody has signed in: the last one chosen here, else the browser's. */
export function guessLocale(stored: string | null, browser: readonly string[]): Locale {
  if (stored === "en" || stored === "es") return stored;
  const first = browser.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "en" || tag === "es");
  return first === "es" ? "es" : "en";
}
