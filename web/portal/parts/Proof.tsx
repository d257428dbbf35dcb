import { createContext, type ReactNode, type SubmitEvent, useCallback, useContext, useState } from "react";
import { toApiError } from "#web/client/errors.ts";
import { useLanguage } from "../language.tsx";
import { usePeople } from "../people.ts";
import { Cancelled, useTask } from "../task.ts";
import { Dialog } from "./Dialog.tsx";
import { PasswordField } from "./Field.tsx";
import { ErrorNote } from "./States.tsx";

/** Does something grave; where the server wants to know first that it is really them, asks for the password and does it then. */
export type Prove = <T>(work: () => Promise<T>) => Promise<T>;

const ProofContext = createContext<Prove | null>(null);

/** Throws Cancelled (through what was to be done) when the person gives no password. */
export function useProof(): Prove {
  const prove = useContext(ProofContext);
  if (!prove) throw new Error("useProof needs a ProofProvider above it.");
  return prove;
}

interface Question {
  readonly onProved: () => void;
  readonly onCancel: () => void;
}

export function ProofProvider({ children }: { readonly children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const prove = useCallback<Prove>(async (work) => {
    try {
      return await work();
    } catch (thrown) {
      if (toApiError(thrown).code !== "proof_required") throw thrown;
    }
    await new Promise<void>((resolve, reject) => setQuestion({ onProved: resolve, onCancel: () => reject(new Cancelled()) })).finally(() => setQuestion(null));
    return work();
  }, []);
  return (
    <ProofContext value={prove}>
      {children}
      {question ? <ProofDialog {...question} /> : null}
    </ProofContext>
  );
}

function ProofDialog({ onProved, onCancel }: Question) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [password, setPassword] = useState("");
  const isWrong = task.error?.status === 401 || task.error?.code === "wrong_password";
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    void task.run(() => people.prove(password)).then((isDone) => (isDone ? onProved() : undefined));
  };
  return (
    <Dialog title={t("proof.title")} onClose={onCancel} testId="proof-dialog">
      <form onSubmit={onSubmit}>
        <p>{t("proof.lead")}</p>
        <div className="form">
          <PasswordField
            label={t("signIn.password")} name="password" autoComplete="current-password" required value={password} onValue={setPassword}
            fault={isWrong ? t("password.wrong") : null} testId="proof-password"
          />
          {task.error && !isWrong ? <ErrorNote error={task.error} /> : null}
        </div>
        <div className="actions actions-end dialog-actions">
          <button type="button" className="button" onClick={onCancel}>
            {t("connections.cancel")}
          </button>
          <button type="submit" className="button button-primary" disabled={task.isWorking} data-testid="proof-submit">
            {t("proof.submit")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
