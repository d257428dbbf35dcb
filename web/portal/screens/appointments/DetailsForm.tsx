import { useState } from "react";
import type { AppointmentDetailsRequest, AppointmentWhole } from "#web/client/appointments.ts";
import type { GlucoseUnit } from "#web/client/types.ts";
import { useAppointments, useChanged } from "../../appointments.ts";
import { useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { Field } from "../../parts/Field.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { useTask } from "../../task.ts";
import { askedReasons, ReasonFields, type Reasons } from "./Reasons.tsx";

type TextField = "insulinType" | "dose" | "fastInsulin" | "fixedDose" | "ratio" | "sensitivity" | "pumpType" | "otherTreatment";

export const DETAIL_NAMES: Readonly<Record<TextField, MessageKey>> = {
  insulinType: "details.insulinType", dose: "details.dose", fastInsulin: "details.fastInsulin", fixedDose: "details.fixedDose", ratio: "details.ratio", sensitivity: "details.sensitivity",
  pumpType: "details.pumpType", otherTreatment: "details.otherTreatment",
};
export const DETAIL_FIELDS = Object.keys(DETAIL_NAMES) as TextField[];

/** What can be a glucose objective: outside, another unit is meant. */
const POSSIBLE: Readonly<Record<GlucoseUnit, { readonly low: number; readonly high: number }>> = { "mg/dL": { low: 40, high: 600 }, "mmol/L": { low: 2.2, high: 33.3 } };

export type Dose = NonNullable<NonNullable<AppointmentWhole["details"]>["dose"]>;

/** As it was written. */
export function doseText(dose: Dose): string {
  return typeof dose === "string" ? dose : `${dose.amount} ${dose.unit}`;
}

/** A number as people of either language type it; null for none, NaN for what is no number. */
export function objectiveOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text.trim().replace(",", "."));
}

function textsOf({ details }: Pick<AppointmentWhole, "details">): Record<TextField, string> {
  const text = (value: Dose | null | undefined): string => (value == null ? "" : doseText(value));
  return Object.fromEntries(DETAIL_FIELDS.map((name) => [name, text(details?.[name])])) as Record<TextField, string>;
}

/** The details of an accepted request, also to change them. */
export function DetailsForm({ request, onDone }: { readonly request: AppointmentWhole; readonly onDone?: () => void }) {
  const { t, f } = useLanguage();
  const { patient } = useWho();
  const appointments = useAppointments();
  const changed = useChanged();
  const task = useTask();
  const told = request.details?.glucoseObjective ?? null;
  const unit = told?.unit ?? f.unit;
  const [goal, setGoal] = useState(told === null ? "" : String(told.value));
  const [texts, setTexts] = useState(() => textsOf(request));
  const [reasons, setReasons] = useState<Reasons>({ motives: request.motives, isSevere: request.isSevere, otherMotive: request.otherMotive ?? "" });
  const value = objectiveOf(goal);
  const { low, high } = POSSIBLE[unit];
  const isWrong = value !== null && !(value >= low && value <= high);
  const send = (): void => {
    if (isWrong) return;
    const said = Object.fromEntries(DETAIL_FIELDS.map((name) => [name, texts[name].trim() === "" ? null : texts[name].trim()])) as Record<TextField, string | null>;
    const body: AppointmentDetailsRequest = { ...said, ...askedReasons(reasons), glucoseObjective: value === null ? null : { value, unit } };
    void task.run(() => appointments.tell(patient.id, request, body)).then((isDone) => {
      changed();
      if (isDone) onDone?.();
    });
  };
  return (
    <form className="form" data-testid="details-form" onSubmit={(event) => {
      event.preventDefault();
      send();
    }}>
      <p>{t("details.lead")}</p>
      <Field label={t("details.glucoseObjective", { unit })} inputMode="decimal" value={goal} maxLength={6} onValue={setGoal} testId="detail-glucoseObjective"
        fault={isWrong ? t("details.glucoseFault", { unit, low: f.glucose(low, unit), high: f.glucose(high, unit) }) : null} />
      {DETAIL_FIELDS.map((name) => (
        <Field key={name} label={t(DETAIL_NAMES[name])} value={texts[name]} maxLength={200} onValue={(text) => setTexts({ ...texts, [name]: text })} testId={`detail-${name}`} />
      ))}
      <ReasonFields reasons={reasons} onReasons={setReasons} />
      {task.error ? <ErrorNote error={task.error} /> : null}
      <div className="actions">
        <button type="submit" className="button button-primary" disabled={task.isWorking || isWrong} data-testid="details-submit">{t("details.submit")}</button>
      </div>
    </form>
  );
}
