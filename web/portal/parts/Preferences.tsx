import { useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { PreferencesPatch, Session } from "#web/client/types.ts";
import { useLanguage } from "../language.tsx";
import { LanguageChoice, ThemeChoice } from "./Choices.tsx";
import { Dialog } from "./Dialog.tsx";
import { Segmented } from "./Segmented.tsx";
import { ErrorNote } from "./States.tsx";

/** All zones the browser knows, and the present one even if it does not. */
export function zonesWith(current: string): string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", current])].toSorted();
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
  // A choice shows at once and goes back should the server not take it.
  const [chosen, setChosen] = useState(session.preferences);
  const { glucoseUnit, locale, zone } = chosen;
  const save = (patch: Partial<Session["preferences"]>): void => {
    setError(null);
    setChosen((before) => ({ ...before, ...patch }));
    onSave(patch).catch((thrown: unknown) => {
      setError(toApiError(thrown));
      setChosen(session.preferences);
    });
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
          <p className="muted">{t("preferences.signedInAs", { email: session.email ?? session.displayName })}</p>
          <button type="button" className="button" onClick={onSignOut} data-testid="sign-out">
            {t("preferences.signOut")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
