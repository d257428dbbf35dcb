import { type SubmitEvent, useId, useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import { useLanguage } from "../language.tsx";
import { ErrorNote } from "../parts/States.tsx";

export interface SignInFormProps {
  readonly email?: string;
  readonly onSignIn: (email: string, password: string) => Promise<void>;
}

/** E-mail and password. What was typed stays when it was wrong. */
export function SignInForm({ email: knownEmail = "", onSignIn }: SignInFormProps) {
  const { t } = useLanguage();
  const id = useId();
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState("");
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const isWrong = error?.status === 401;

  const submit = async (): Promise<void> => {
    setIsSending(true);
    setError(null);
    try {
      await onSignIn(email.trim(), password);
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsSending(false);
    }
  };
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void submit();
  };

  return (
    <form className="form" onSubmit={onSubmit} data-testid="sign-in-form">
      <label htmlFor={`${id}-email`}>{t("signIn.email")}</label>
      <input
        id={`${id}-email`} name="email" type="email" autoComplete="username" required value={email}
        onChange={(event) => setEmail(event.target.value)} data-testid="sign-in-email"
      />
      <label htmlFor={`${id}-password`}>{t("signIn.password")}</label>
      <input
        id={`${id}-password`} name="password" type="password" autoComplete="current-password" required value={password}
        aria-invalid={isWrong} aria-describedby={isWrong ? `${id}-wrong` : undefined}
        onChange={(event) => setPassword(event.target.value)} data-testid="sign-in-password"
      />
      {isWrong ? (
        <p id={`${id}-wrong`} className="field-error" role="alert">
          {t("signIn.wrong")}
        </p>
      ) : null}
      {error && !isWrong ? <ErrorNote error={error} /> : null}
      <button type="submit" className="button button-primary button-large" disabled={isSending} data-testid="sign-in-submit">
        {isSending ? t("signIn.submitting") : t("signIn.submit")}
      </button>
    </form>
  );
}
