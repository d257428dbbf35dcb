import { useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Locale, PreferencesPatch, Session } from "#web/client/types.ts";
import { applyTheme, recallTheme, type Theme } from "../device-memory.ts";
import { useLanguage } from "../language.tsx";
import { Dialog } from "./Dialog.tsx";
import { Segmented } from "./Segmented.tsx";
import { ErrorNote } from "./States.tsx";

/** Each language in its own name. */
const LANGUAGES: readonly { readonly value: Locale; readonly label: string }[] = [
  { value: "en", label: "English" },
  { value: "es", label: "Español" },
];

/** All zones the browser knows, and the present one even if it does not. */
export function zonesWith(current: string): string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", current])].toSorted();
}

export function LanguageChoice({ locale, onLocale }: { readonly locale: Locale; readonly onLocale: (locale: Locale) => void }) {
  const { t } = useLanguage();
  return (
    <Segmented
      legend={t("preferences.language")} isLegendShown name="language" value={locale} options={LANGUAGES}
      onChange={(value) => onLocale(value as Locale)}
    />
  );
}

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

export interface PreferencesProps {
  readonly session: Session;
  readonly onSave: (patch: PreferencesPatch) => Promise<void>;
  readonly onSignOut: () => void;
  readonly onClose: () => void;
}

/** Unit, language, zone and appearance; each is saved as it is chosen. */
export function Preferences({ session, onSave, onSignOut, onClose }: PreferencesProps) {
  const { t } = useLanguage();
  const [error, setError] = useState<ApiError | null>(null);
  const { glucoseUnit, locale, zone } = session.preferences;
  const save = (patch: PreferencesPatch): void => {
    setError(null);
    onSave(patch).catch((thrown: unknown) => setError(toApiError(thrown)));
  };
  return (
    <Dialog title={t("preferences.title")} onClose={onClose} testId="preferences">
      <div className="form">
        <Segmented
          legend={t("preferences.unit")} isLegendShown name="unit" value={glucoseUnit}
          options={[
            { value: "mg/dL", label: "mg/dL" },
            { value: "mmol/L", label: "mmol/L" },
          ]}
          onChange={(value) => save({ glucoseUnit: value === "mmol/L" ? "mmol/L" : "mg/dL" })}
        />
        <LanguageChoice locale={locale} onLocale={(chosen) => save({ locale: chosen })} />
        <label htmlFor="preferences-zone">{t("preferences.zone")}</label>
        <select id="preferences-zone" value={zone} onChange={(event) => save({ zone: event.target.value })} data-testid="choice-zone">
          {zonesWith(zone).map((name) => (
            <option key={name} value={name}>
              {name.replaceAll("_", " ")}
            </option>
          ))}
        </select>
        <ThemeChoice />
        {error ? <ErrorNote error={error} /> : null}
        <div className="dialog-actions">
          <p className="muted">{t("preferences.signedInAs", { email: session.email })}</p>
          <button type="button" className="button" onClick={onSignOut} data-testid="sign-out">
            {t("preferences.signOut")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
