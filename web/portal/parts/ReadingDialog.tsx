import { type SubmitEvent, useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import { useData, useNow, useWho } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import type { MessageKey } from "../messages/translate.ts";
import { MEAL_NAMES } from "../words.ts";
import { Dialog } from "./Dialog.tsx";
import { ErrorNote } from "./States.tsx";

const KINDS = ["glucose", "carbohydrates", "insulin_rapid", "insulin_long", "exercise", "weight", "ketone", "note"] as const;
type Kind = (typeof KINDS)[number];
const KIND_NAMES: Readonly<Record<Kind, MessageKey>> = {
  glucose: "treatment.meterGlucose", carbohydrates: "treatment.carbohydrates", insulin_rapid: "treatment.insulinRapid", insulin_long: "treatment.insulinLong",
  exercise: "treatment.exercise", weight: "reading.weight", ketone: "reading.ketone", note: "treatment.note",
};
const UNITS: Readonly<Record<Exclude<Kind, "glucose" | "note">, string>> = {
  carbohydrates: "g", insulin_rapid: "U", insulin_long: "U", exercise: "min", weight: "kg", ketone: "mmol/L",
};
const MEALS = ["breakfast", "lunch", "snack", "dinner", "exercise", "other_meal", "other"] as const;

/** A person types a reading of their meter, a meal, a dose or a note: stored as theirs, marked as typed. */
export function ReadingDialog({ onClose }: { readonly onClose: () => void }) {
  const { t, f } = useLanguage();
  const { api, cache } = useData();
  const { patient } = useWho();
  const nowMs = useNow(60_000);
  const [kind, setKind] = useState<Kind>("glucose");
  const [value, setValue] = useState("");
  const [at, setAt] = useState(() => localMinute(nowMs));
  const [meal, setMeal] = useState("");
  const [note, setNote] = useState("");
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const unit = kind === "glucose" ? f.unit : kind === "note" ? null : UNITS[kind];

  const save = async (): Promise<void> => {
    setIsSending(true);
    setError(null);
    try {
      await api.addReadings(patient.id, {
        readings: [{
          id: crypto.randomUUID(), at: withOffset(at), kind,
          ...(unit === null ? {} : { value: value.trim().replace(",", "."), unit }),
          ...(kind === "glucose" && meal !== "" ? { meal } : {}), ...(note.trim() === "" ? {} : { note: note.trim() }),
        }],
      });
      cache.invalidate("all");
      onClose();
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsSending(false);
    }
  };
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void save();
  };

  return (
    <Dialog title={t("reading.title")} onClose={onClose} testId="reading-dialog">
      <form className="form" onSubmit={onSubmit}>
        <label htmlFor="reading-kind">{t("reading.kind")}</label>
        <select id="reading-kind" value={kind} onChange={(event) => setKind(event.target.value as Kind)} data-testid="reading-kind">
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(KIND_NAMES[one])}
            </option>
          ))}
        </select>
        {unit === null ? null : (
          <>
            <label htmlFor="reading-value">{t("reading.value", { unit })}</label>
            <input id="reading-value" inputMode="decimal" required autoComplete="off" value={value} onChange={(event) => setValue(event.target.value)} data-testid="reading-value" />
          </>
        )}
        <label htmlFor="reading-at">{t("reading.at")}</label>
        <input id="reading-at" type="datetime-local" required value={at} onChange={(event) => setAt(event.target.value)} data-testid="reading-at" />
        {kind === "glucose" ? (
          <>
            <label htmlFor="reading-meal">{t("reading.meal")}</label>
            <select id="reading-meal" value={meal} onChange={(event) => setMeal(event.target.value)} data-testid="reading-meal">
              <option value="">{t("reading.noMeal")}</option>
              {MEALS.map((one) => (
                <option key={one} value={one}>
                  {t(MEAL_NAMES[one])}
                </option>
              ))}
            </select>
          </>
        ) : null}
        <label htmlFor="reading-note">{kind === "note" ? t("treatment.note") : t("connections.optional", { label: t("treatment.note") })}</label>
        <input id="reading-note" required={kind === "note"} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} data-testid="reading-note" />
        {error ? <ErrorNote error={error} /> : null}
        <div className="actions actions-end">
          <button type="button" className="button" onClick={onClose}>
            {t("connections.cancel")}
          </button>
          <button type="submit" className="button button-primary" disabled={isSending} data-testid="reading-save">
            {t("reading.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** `YYYY-MM-DDTHH:MM` of this device's clock, as the field wants it. */
function localMinute(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant that the field means on this device, with the offset it has here. */
export function withOffset(local: string): string {
  const date = new Date(local);
  if (Number.isNaN(date.getTime())) return local;
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${local}:00${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
