import { lazy, type SubmitEvent, Suspense, useState } from "react";
import type { SecondFactorNeeded, Session } from "#web/client/types.ts";
import { useData, useResource } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import type { MessageKey } from "../messages/translate.ts";
import { Field, PasswordField } from "../parts/Field.tsx";
import { httpAddress } from "../parts/http-address.ts";
import { ErrorNote, Skeleton } from "../parts/States.tsx";
import { Link, usePlace } from "../router.tsx";
import { useTask } from "../task.ts";

const SecondStep = lazy(async () => ({ default: (await import("./sign-in/SecondStep.tsx")).SecondStep }));
const MustChange = lazy(async () => ({ default: (await import("./sign-in/MustChange.tsx")).MustChange }));

export interface SignInFormProps {
  /** Who it was, when a session has ended. */
  readonly identifier?: string;
  readonly onSignedIn: (session: Session) => void;
}

type Step =
  | { readonly kind: "password" }
  | { readonly kind: "second"; readonly asked: SecondFactorNeeded["secondFactor"] }
  | { readonly kind: "change"; readonly session: Session };

/** Signing in, step by step: the password, a second proof, and a new password where the old one was somebody else's to choose. */
export function SignInForm({ identifier = "", onSignedIn }: SignInFormProps) {
  const [step, setStep] = useState<Step>({ kind: "password" });
  const [password, setPassword] = useState("");
  const onSession = (session: Session): void => {
    if (session.mustChangePassword) setStep({ kind: "change", session });
    else onSignedIn(session);
  };
  if (step.kind === "password") {
    return <PasswordStep known={identifier} password={password} onPassword={setPassword} onSecond={(asked) => setStep({ kind: "second", asked })} onSession={onSession} />;
  }
  return (
    <Suspense fallback={<Skeleton lines={3} />}>
      {step.kind === "second" ? <SecondStep asked={step.asked} onSession={onSession} onBack={() => setStep({ kind: "password" })} /> : null}
      {step.kind === "change" ? <MustChange currentPassword={password} onChanged={() => onSignedIn(step.session)} /> : null}
    </Suspense>
  );
}

interface PasswordStepProps {
  readonly known: string;
  readonly password: string;
  readonly onPassword: (password: string) => void;
  readonly onSecond: (asked: SecondFactorNeeded["secondFactor"]) => void;
  readonly onSession: (session: Session) => void;
}

/** One field for any name, and the password. What was typed stays when it was wrong. */
function PasswordStep({ known, password, onPassword, onSecond, onSession }: PasswordStepProps) {
  const { t } = useLanguage();
  const { api } = useData();
  const [identifier, setIdentifier] = useState(known);
  const task = useTask();
  const isWrong = task.error?.status === 401;
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void task.run(async () => {
      const reply = await api.signIn(identifier.trim(), password);
      if ("secondFactor" in reply) onSecond(reply.secondFactor);
      else onSession(reply);
    });
  };
  return (
    <>
      <OutsideFault />
      <form className="form" onSubmit={onSubmit} data-testid="sign-in-form">
        <Field
          label={t("signIn.identifier")} name="username" type="text" autoComplete="username" autoCapitalize="none" spellCheck={false} required minLength={3}
          value={identifier} onValue={setIdentifier} testId="sign-in-email"
        />
        <PasswordField
          label={t("signIn.password")} name="password" autoComplete="current-password" required value={password} onValue={onPassword}
          fault={isWrong ? t("signIn.wrong") : null} testId="sign-in-password"
        />
        {task.error && !isWrong ? <ErrorNote error={task.error} /> : null}
        <button type="submit" className="button button-primary button-large" disabled={task.isWorking} data-testid="sign-in-submit">
          {task.isWorking ? t("signIn.submitting") : t("signIn.submit")}
        </button>
      </form>
      <PasskeyButton onSession={onSession} />
      <OutsideButtons />
      <p className="sign-in-links">
        <Link href="/recover">{t("signIn.forgot")}</Link>
        <Link href="/register">{t("signIn.register")}</Link>
      </p>
    </>
  );
}

/** Signing in without a password. What talks to the authenticator is fetched when it is wanted. */
function PasskeyButton({ onSession }: { readonly onSession: (session: Session) => void }) {
  const { t } = useLanguage();
  const { api } = useData();
  const task = useTask();
  if (typeof PublicKeyCredential === "undefined") return null;
  const signIn = (): Promise<boolean> => task.run(async () => onSession(await (await import("./sign-in/passkey.ts")).signInByPasskey(api.requester)));
  return (
    <>
      <button type="button" className="button button-large" disabled={task.isWorking} onClick={() => void signIn()} data-testid="sign-in-passkey">
        {t("signIn.passkey")}
      </button>
      {task.error ? <p className="field-error" role="alert">{t("signIn.passkeyFailed")}</p> : null}
    </>
  );
}

/** Where else one can sign in, when the operator has set that up. */
function OutsideButtons() {
  const { t } = useLanguage();
  const { api } = useData();
  const { path } = usePlace();
  const task = useTask();
  const { data } = useResource({ key: "sign-in-providers", tags: ["sign-in-providers"], load: (signal) => api.signInProviders(signal) });
  const leave = (id: string): Promise<boolean> => task.run(async () => location.assign(httpAddress((await api.signInElsewhere(id, path)).authorizeUrl)));
  return (
    <>
      {(data?.data ?? []).map(({ id, name }) => (
        <button key={id} type="button" className="button button-large" disabled={task.isWorking} onClick={() => void leave(id)} data-testid={`sign-in-with-${id}`}>
          {t("signIn.with", { name })}
        </button>
      ))}
      {task.error ? <ErrorNote error={task.error} /> : null}
    </>
  );
}

const OUTSIDE_FAULTS: Readonly<Record<string, MessageKey>> = {
  access_denied: "signIn.outside.access_denied", expired: "signIn.outside.expired", unknown_identity: "signIn.outside.unknown_identity",
  identity_taken: "signIn.outside.identity_taken", provider_error: "signIn.outside.provider_error",
};

/** How a sign-in elsewhere has failed, when one leads back here. */
export function OutsideFault() {
  const { t } = useLanguage();
  const words = OUTSIDE_FAULTS[usePlace().query.get("error") ?? ""];
  return words === undefined ? null : <p className="note note-error" role="alert">{t(words)}</p>;
}
