import { useState } from "react";
import type { CurrentAppointment } from "#web/client/appointments.ts";
import { useAppointments, useChanged } from "../../appointments.ts";
import { useWho } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { Link } from "../../router.tsx";
import { useTask } from "../../task.ts";
import { useWhose } from "../../whose.ts";
import { Emergency } from "./Emergency.tsx";
import { askedReasons, NO_REASONS, ReasonFields } from "./Reasons.tsx";
import { isEmergency } from "./words.ts";

/** Asking for an appointment. What to do in an emergency stands before it, and grows with what is ticked. */
export function AskForm({ current }: { readonly current: CurrentAppointment }) {
  const { t } = useLanguage();
  const whose = useWhose();
  const { patient } = useWho();
  const appointments = useAppointments();
  const changed = useChanged();
  const task = useTask();
  const [reasons, setReasons] = useState(NO_REASONS);
  const isNow = isEmergency(reasons.motives, reasons.isSevere);
  const isFull = !current.isTaking || task.error?.code === "queue_full";
  const ask = (): void => {
    void task.run(() => appointments.ask(patient.id, askedReasons(reasons))).then(() => changed());
  };
  return (
    <Card title={whose("ask.title", "ask.titleOf")} testId="ask">
      <Emergency words={current.emergency} isNow={isNow} />
      <p>{t("ask.lead")}</p>
      <form className="form" onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}>
        <ReasonFields reasons={reasons} onReasons={setReasons} />
        {isFull ? <p className="note"><output data-testid="ask-full">{t("ask.full")}</output></p> : null}
        {task.error?.code === "consent_missing" ? <p className="note note-error" role="alert">{whose("ask.consent", "ask.consentOf")} {patient.isSelf ? <Link href="/privacy">{t("ask.consentLink")}</Link> : null}</p> : null}
        {task.error && task.error.code !== "consent_missing" && task.error.code !== "queue_full" ? <ErrorNote error={task.error} /> : null}
        <div className="actions">
          <button type="submit" className="button button-primary" disabled={task.isWorking || isFull} data-testid="ask-submit">{t("ask.submit")}</button>
        </div>
      </form>
    </Card>
  );
}
