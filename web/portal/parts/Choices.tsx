import { useState } from "react";
import type { Locale } from "#web/client/types.ts";
import { applyTheme, recallTheme, type Theme } from "../device-memory.ts";
import { useLanguage } from "../language.tsx";
import { Segmented } from "./Segmented.tsx";

/** Each language in its own name. */
const LANGUAGES: readonly { readonly value: Locale; readonly label: string }[] = [
  { value: "en", label: "English" },
  { value: "es", label: "Español" },
];

/** Language, also before anybody has signed in. */
export function LanguageChoice({ locale, onLocale }: { readonly locale: Locale; readonly onLocale: (locale: Locale) => void }) {
  const { t } = useLanguage();
  return (
    <Segmented
      legend={t("preferences.language")} isLegendShown name="language" value={locale} options={LANGUAGES}
      onChange={(value) => onLocale(value as Locale)}
    />
  );
}

/** Light, dark or as the device; remembered by this browser only. */
export function ThemeChoice() {
  const { t } = useLanguage();
  const [theme, setTheme] = useState<Theme>(recallTheme);
  return (
    <Segmented
      legend={t("preferences.theme")} isLegendShown name="theme" value={theme}
      options={[
        { value: "system", label: t("preferences.theme.system") },
        { value: "light", label: t("preferences.theme.light") },
        { value: "dark", label: t("preferences.theme.dark") },
      ]}
      onChange={(value) => {
        setTheme(value as Theme);
        applyTheme(value as Theme);
      }}
    />
  );
}
