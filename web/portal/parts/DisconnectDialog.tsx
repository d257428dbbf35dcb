import { useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Connection } from "#web/client/types.ts";
import { useData, useWho } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { Dialog } from "./Dialog.tsx";
import { ErrorNote } from "./States.tsx";

export type DataChoice = "keep" | "erase";

export interface DisconnectDialogProps {
  readonly connection: Connection;
  readonly onClose: () => void;
  readonly onDone: (choice: DataChoice) => void;
}

/** Stop only, or stop and delete. The button says which. */
export function DisconnectDialog({ connection, onClose, onDone }: DisconnectDialogProps) {
  const { t } = useLanguage();
  const { api } = useData();
  const { patient } = useWho();
  const [choice, setChoice] = useState<DataChoice>("keep");
  const [isWorking, setIsWorking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const provider = connection.providerName;

  const disconnect = async (): Promise<void> => {
    setIsWorking(true);
    setError(null);
    try {
      await api.disconnect(patient.id, connection.id, choice);
      onDone(choice);
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsWorking(false);
    }
  };

  return (
    <Dialog title={t("connections.disconnectTitle", { provider })} onClose={onClose} testId="disconnect-dialog">
      <fieldset className="choices">
        <legend>{t("connections.disconnectLead", { provider })}</legend>
        <Choice value="keep" label={t("connections.keep")} hint={t("connections.keepHint")} choice={choice} onChoice={setChoice} />
        <Choice value="erase" label={t("connections.erase")} hint={t("connections.eraseHint", { provider })} choice={choice} onChoice={setChoice} />
      </fieldset>
      {error ? <ErrorNote error={error} /> : null}
      <div className="actions actions-end">
        <button type="button" className="button" onClick={onClose}>
          {t("connections.cancel")}
        </button>
        <button
          type="button" className={choice === "erase" ? "button button-danger" : "button button-primary"} disabled={isWorking}
          onClick={() => void disconnect()} data-testid="disconnect-confirm"
        >
          {t(choice === "erase" ? "connections.confirmErase" : "connections.confirmKeep")}
        </button>
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly value: DataChoice;
  readonly label: string;
  readonly hint: string;
  readonly choice: DataChoice;
  readonly onChoice: (choice: DataChoice) => void;
}

function Choice({ value, label, hint, choice, onChoice }: ChoiceProps) {
  return (
    <div className="choice">
      <input
        type="radio" id={`data-${value}`} name="data" value={value} checked={choice === value} aria-describedby={`data-${value}-hint`}
        onChange={() => onChoice(value)} data-testid={`data-${value}`}
      />
      <label htmlFor={`data-${value}`}>{label}</label>
      <p id={`data-${value}-hint`} className="muted">
        {hint}
      </p>
    </div>
  );
}
