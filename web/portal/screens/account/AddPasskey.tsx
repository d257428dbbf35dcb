import { type SubmitEvent, useState } from "react";
import { useLanguage } from "../../language.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { useProof } from "../../parts/Proof.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";
import type { AddFactorProps } from "./AddTotp.tsx";

/** Makes a passkey on this device. */
export function AddPasskey({ onClose, onAdded }: AddFactorProps) {
  const { t } = useLanguage();
  const people = usePeople();
  const prove = useProof();
  const task = useTask();
  const [name, setName] = useState(t("factors.passkeyName"));
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      const challenge = await prove(() => people.beginPasskey());
      const { makePasskey } = await import("../sign-in/passkey.ts");
      onAdded(await makePasskey(people, challenge, name.trim()));
    });
  };
  const words = task.error?.code === "passkey_known" ? "factors.passkeyKnown" : task.error?.code.startsWith("passkey_") ? "factors.passkeyFailed" : null;
  return (
    <Dialog title={t("factors.addPasskey")} onClose={onClose} testId="passkey-dialog">
      <form className="form" onSubmit={onSubmit}>
        <p>{t("factors.passkeyLead")}</p>
        <Field label={t("factors.name")} required maxLength={60} autoComplete="off" value={name} onValue={setName} testId="passkey-name" />
        {words ? <p className="note note-error" role="alert">{t(words)}</p> : null}
        {task.error && !words ? <ErrorNote error={task.error} /> : null}
        <button type="submit" className="button button-primary" disabled={task.isWorking} data-testid="passkey-make">
          {t("factors.makePasskey")}
        </button>
      </form>
    </Dialog>
  );
}
