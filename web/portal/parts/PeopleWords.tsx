import { type ReactNode, useMemo } from "react";
import { LanguageContext, useLanguage } from "../language.tsx";
import { en } from "../messages/people/en.ts";
import { es } from "../messages/people/es.ts";
import { createTranslate } from "../messages/translate.ts";

/** Gives what is inside the words of the pages about people, too; they are fetched with the first of these pages. */
export function PeopleWords({ children }: { readonly children: ReactNode }) {
  const { catalogue, f } = useLanguage();
  const language = useMemo(() => {
    const { locale } = catalogue;
    return { catalogue, f, t: createTranslate({ locale, messages: { ...catalogue.messages, ...(locale === "es" ? es : en) } }) };
  }, [catalogue, f]);
  return <LanguageContext value={language}>{children}</LanguageContext>;
}
