import { type ReactNode, useMemo } from "react";
import { LanguageContext, useLanguage } from "../language.tsx";
import { createTranslate } from "../messages/translate.ts";

export interface MoreWordsProps {
  readonly en: Readonly<Record<string, string>>;
  readonly es: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}

/** Gives what is inside the words of a catalogue that is fetched with its page, besides those that are there for every page. */
export function MoreWords({ en, es, children }: MoreWordsProps) {
  const language = useLanguage();
  const more = useMemo(() => {
    const { catalogue, f } = language;
    const { locale } = catalogue;
    const messages = { ...catalogue.messages, ...(locale === "es" ? es : en) };
    return { catalogue: { locale, messages }, f, t: createTranslate({ locale, messages }) };
  }, [language, en, es]);
  return <LanguageContext value={more}>{children}</LanguageContext>;
}
