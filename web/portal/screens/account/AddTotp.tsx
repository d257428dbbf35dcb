import { type SubmitEvent, useState } from "react";
import type { FactorAdded, TotpSecret } from "#web/client/second-factor.ts";
import { useLanguage } from "../../language.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { useProof } from "../../parts/Proof.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";

export interface AddFactorProps {
  readonly onClose: () => void;
  readonly onAdded: (added: FactorAdded) => void;
}

/** Adds an authenticator app: a name, the secret as a picture and as text, the first code. */
export function AddTotp({ onClose, onAdded }: AddFactorProps) {
  const { t } = useLanguage();
  const [secret, setSecret] = useState<TotpSecret | null>(null);
  return (
    <Dialog title={t("factors.addTotp")} onClose={onClose} testId="totp-dialog">
      {secret === null ? <Name onSecret={setSecret} /> : <FirstCode secret={secret} onAdded={onAdded} />}
    </Dialog>
  );
}

function Name({ onSecret }: { readonly onSecret: (secret: TotpSecret) => void }) {
  const { t } = useLanguage();
  const people = usePeople();
  const prove = useProof();
  const task = useTask();
  const [name, setName] = useState(t("factors.totpName"));
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => onSecret(await prove(() => people.beginTotp(name.trim()))));
  };
  return (
    <form className="form" onSubmit={onSubmit}>
      <p>{t("factors.totpLead")}</p>
      <Field label={t("factors.name")} required maxLength={60} autoComplete="off" value={name} onValue={setName} testId="totp-name" />
      {task.error ? <ErrorNote error={task.error} /> : null}
      <button type="submit" className="button button-primary" disabled={task.isWorking} data-testid="totp-begin">
        {t("factors.next")}
      </button>
    </form>
  );
}

function FirstCode({ secret, onAdded }: { readonly secret: TotpSecret; readonly onAdded: (added: FactorAdded) => void }) {
  const { t } = useLanguage();
  const people = usePeople();
  const prove = useProof();
  const task = useTask();
  const [code, setCode] = useState("");
  const isWrong = task.error?.code === "wrong_code";
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => onAdded(await prove(() => people.confirmTotp(secret.id, code.trim()))));
  };
  return (
    <form className="form" onSubmit={onSubmit}>
      <p>{t("factors.scan")}</p>
      <img className="qr" src={`data:image/svg+xml,${encodeURIComponent(secret.qrSvg)}`} alt={t("factors.qr")} width={200} height={200} />
      <p>
        {t("factors.byHand")} <code className="secret-text" data-testid="totp-secret">{secret.secret}</code>
      </p>
      <Field
        label={t("factors.firstCode")} inputMode="numeric" autoComplete="one-time-code" required maxLength={10} value={code} onValue={setCode}
        fault={isWrong ? t("factors.wrongCode") : null} testId="totp-code"
      />
      {task.error && !isWrong ? <ErrorNote error={task.error} /> : null}
      <button type="submit" className="button button-primary" disabled={task.isWorking} data-testid="totp-confirm">
        {t("factors.confirm")}
      </button>
    </form>
  );
}
