import { type SubmitEvent, useState } from "react";
import type { SecondFactorNeeded } from "#web/client/second-factor.ts";
import type { Session } from "#web/client/types.ts";
import { useLanguage } from "../../language.tsx";
import type { MessageKey } from "../../messages/translate.ts";
import { Field } from "../../parts/Field.tsx";
import { PeopleWords } from "../../parts/PeopleWords.tsx";
import { Segmented } from "../../parts/Segmented.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import { usePeople } from "../../people.ts";
import { useTask } from "../../task.ts";
import { answerByPasskey } from "./passkey.ts";

type Asked = SecondFactorNeeded["secondFactor"];
type Method = Asked["methods"][number];

const METHOD_NAMES: Readonly<Record<Method, MessageKey>> = { totp: "second.totp", passkey: "second.passkey", recovery_code: "second.recoveryCode" };

export interface SecondStepProps {
  readonly asked: Asked;
  readonly onSession: (session: Session) => void;
  readonly onBack: () => void;
}

/** The second proof, by whichever of their ways the person has at hand. */
export function SecondStep(props: SecondStepProps) {
  return (
    <PeopleWords>
      <Ways {...props} />
    </PeopleWords>
  );
}

function Ways({ asked, onSession, onBack }: SecondStepProps) {
  const { t } = useLanguage();
  const people = usePeople();
  const task = useTask();
  const [method, setMethod] = useState<Method>(asked.methods[0] ?? "totp");
  const [typed, setTyped] = useState("");
  const isWrong = task.error?.status === 401;
  const { challengeId } = asked;
  const answer = (): Promise<boolean> =>
    task.run(async () => {
      if (method === "passkey") return onSession(await answerByPasskey(people, asked));
      const text = typed.trim();
      return onSession(await people.answerSecondFactor(method === "totp" ? { challengeId, code: text } : { challengeId, recoveryCode: text }));
    });
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void answer();
  };
  const choose = (value: string): void => {
    setMethod(value as Method);
    setTyped("");
  };
  const isPasskeyFault = task.error?.code.startsWith("passkey_") ?? false;
  const fault = isWrong ? t("second.wrong") : isPasskeyFault ? t("second.passkeyFailed") : null;
  return (
    <form className="form" onSubmit={onSubmit} data-testid="second-step">
      <p>{t("second.lead")}</p>
      {asked.methods.length > 1 ? (
        <Segmented legend={t("second.way")} name="second-way" value={method} options={asked.methods.map((value) => ({ value, label: t(METHOD_NAMES[value]) }))} onChange={choose} />
      ) : null}
      {method === "totp" ? (
        <Field key="totp" label={t("second.code")} hint={t("second.codeHint")} inputMode="numeric" autoComplete="one-time-code" required maxLength={10} value={typed} onValue={setTyped} fault={fault} testId="second-code" />
      ) : null}
      {method === "recovery_code" ? (
        <Field key="recovery" label={t("second.recoveryCode")} hint={t("second.recoveryHint")} autoComplete="off" autoCapitalize="none" spellCheck={false} required maxLength={60} value={typed} onValue={setTyped} fault={fault} testId="second-recovery" />
      ) : null}
      {method === "passkey" && fault ? <p className="field-error" role="alert">{fault}</p> : null}
      {task.error && fault === null ? <ErrorNote error={task.error} /> : null}
      <button type="submit" className="button button-primary button-large" disabled={task.isWorking} data-testid="second-submit">
        {t(method === "passkey" ? "second.usePasskey" : "signIn.submit")}
      </button>
      <button type="button" className="button button-quiet" onClick={onBack} data-testid="second-back">
        {t("second.back")}
      </button>
    </form>
  );
}
