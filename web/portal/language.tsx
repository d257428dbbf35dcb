/** Words and numbers for the components: the translator and the formatter in force. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { GlucoseUnit, Locale } from "#web/client/types.ts";
import { createFormatter, type Formatter } from "#web/language/format.ts";
import { type Catalogue, createTranslate, loadCatalogue, type Translate } from "./messages/translate.ts";

export interface Language {
  readonly catalogue: Catalogue;
  readonly t: Translate;
  readonly f: Formatter;
}

export const LanguageContext = createContext<Language | null>(null);

export interface LanguageProps {
  readonly catalogue: Catalogue;
  readonly unit: GlucoseUnit;
  readonly zone: string;
  readonly children: ReactNode;
}

export function LanguageProvider({ catalogue, unit, zone, children }: LanguageProps) {
  const language = useMemo(
    () => ({ catalogue, t: createTranslate(catalogue), f: createFormatter({ unit, locale: catalogue.locale, zone }) }),
    [catalogue, unit, zone],
  );
  return <LanguageContext value={language}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (!language) throw new Error("useLanguage needs a LanguageProvider above it.");
  return language;
}

/** The catalogue of `locale`; until it has been fetched, the one before. */
export function useCatalogue(first: Catalogue, locale: Locale): Catalogue {
  const [catalogue, setCatalogue] = useState(first);
  useEffect(() => {
    // When it cannot be fetched the page stays readable in the language it has.
    if (catalogue.locale !== locale) loadCatalogue(locale).then(setCatalogue, () => undefined);
  }, [catalogue, locale]);
  return catalogue;
}

/** The language before anybody has signed in: the last one chosen here, else the browser's. */
export function guessLocale(stored: string | null, browser: readonly string[]): Locale {
  if (stored === "en" || stored === "es") return stored;
  const first = browser.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag === "en" || tag === "es");
  return first === "es" ? "es" : "en";
}
