import type { ReactNode } from "react";
import type { Locale } from "#web/client/types.ts";
import { useLanguage } from "../language.tsx";
import { LanguageChoice, ThemeChoice } from "./Choices.tsx";
import { Logo } from "./Logo.tsx";

/** A page without navigation. */
export function Plain({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage();
  return (
    <main className="plain">
      <p className="brand">
        <Logo />
        {t("app.name")}
      </p>
      {children}
    </main>
  );
}

export interface OutsideProps {
  readonly locale: Locale;
  readonly onLocale: (locale: Locale) => void;
  readonly children: ReactNode;
}

/** What stands around a page for people who are not signed in. */
export function Outside({ locale, onLocale, children }: OutsideProps) {
  const { t } = useLanguage();
  return (
    <Plain>
      <div className="card sign-in">{children}</div>
      <div className="sign-in-choices">
        <LanguageChoice locale={locale} onLocale={onLocale} />
        <ThemeChoice />
      </div>
      <p className="muted">{t("app.notice")}</p>
    </Plain>
  );
}
