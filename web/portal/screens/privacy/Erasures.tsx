import { type SubmitEvent, useState } from "react";
import type { Erasure, Patient } from "#web/client/types.ts";
import { useResource } from "../../data.tsx";
import { useLanguage } from "../../language.tsx";
import { Card } from "../../parts/Card.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { ErrorNote, Skeleton, WhenLoaded } from "../../parts/States.tsx";
import { erasuresOf, useChanged, usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";

/** The end of everything: what happens, a confirmation that is typed, and the way back until it begins. */
export function Erasures({ patient }: { readonly patient: Patient }) {
  const { t } = useLanguage();
  const people = usePeople();
  const changed = useChanged();
  const task = useTask();
  const [isAsking, setIsAsking] = useState(false);
  const resource = useResource(erasuresOf(people, patient.id));
  const undo = (id: string): void => {
    void task.run(() => people.undoErasure(patient.id, id)).then(() => changed("erasures"));
  };
  return (
    <Card title={t("erase.title")} testId="erasures">
      <p>{t("erase.lead")}</p>
      <WhenLoaded resource={resource} skeleton={<Skeleton lines={2} />}>
        {({ data }) => {
          const pending = data.find(({ state }) => state === "waiting" || state === "running");
          return pending ? (
            <Pending erasure={pending} isWorking={task.isWorking} onUndo={() => undo(pending.id)} />
          ) : (
            <div className="actions">
              <button type="button" className="button button-danger" onClick={() => setIsAsking(true)} data-testid="erase-open">
                {t("erase.open")}
              </button>
            </div>
          );
        }}
      </WhenLoaded>
      {task.error ? <ErrorNote error={task.error} /> : null}
      {isAsking ? (
        <EraseDialog
          patient={patient} onClose={() => setIsAsking(false)}
          onAsked={() => {
            setIsAsking(false);
            changed("erasures");
          }}
        />
      ) : null}
    </Card>
  );
}

function Pending({ erasure, isWorking, onUndo }: { readonly erasure: Erasure; readonly isWorking: boolean; readonly onUndo: () => void }) {
  const { t, f } = useLanguage();
  const words = erasure.state === "running" ? "erase.running" : erasure.isOnHold ? "erase.onHold" : "erase.waiting";
  return (
    <div className="note note-attention" data-testid="erase-pending">
      <p>{t(words, { date: f.dateTime(Date.parse(erasure.beginsAt)) })}</p>
      {erasure.state === "waiting" ? (
        <button type="button" className="button" disabled={isWorking} onClick={onUndo} data-testid="erase-undo">
          {t("erase.undo")}
        </button>
      ) : null}
    </div>
  );
}

function EraseDialog({ patient, onClose, onAsked }: { readonly patient: Patient; readonly onClose: () => void; readonly onAsked: () => void }) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [confirm, setConfirm] = useState("");
  const isUnconfirmed = task.error?.status === 422 || task.error?.status === 400;
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      await people.askForErasure(patient.id, confirm.trim());
      onAsked();
    });
  };
  return (
    <Dialog title={t("erase.title")} onClose={onClose} testId="erase-dialog">
      <form className="form" onSubmit={onSubmit}>
        <ul className="notice-list">
          <li>{t("erase.what.data")}</li>
          <li>{t("erase.what.vendors")}</li>
          <li>{t("erase.what.people")}</li>
          <li>{t("erase.what.kept")}</li>
        </ul>
        <Field
          label={t("erase.confirm", { word: t("erase.word") })} autoComplete="off" required maxLength={400} value={confirm} onValue={setConfirm}
          fault={isUnconfirmed ? t("erase.unconfirmed") : null} testId="erase-confirm"
        />
        {task.error && !isUnconfirmed ? <ErrorNote error={task.error} /> : null}
        <div className="actions actions-end dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {t("connections.cancel")}
          </button>
          <button type="submit" className="button button-danger" disabled={task.isWorking} data-testid="erase-submit">
            {t("erase.submit")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
