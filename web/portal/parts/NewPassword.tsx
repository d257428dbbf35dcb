import type { ApiError } from "#web/client/errors.ts";
import { useLanguage } from "../language.tsx";
import { PasswordField } from "./Field.tsx";
import { ErrorNote } from "./States.tsx";

export interface NewPasswordFieldProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** A password to be chosen, with the rules in words. The server alone decides. */
export function NewPasswordField({ value, onValue }: NewPasswordFieldProps) {
  const { t } = useLanguage();
  return (
    <PasswordField
      label={t("password.new")} hint={t("password.rules")} name="new-password" autoComplete="new-password" required maxLength={1024}
      value={value} onValue={onValue} testId="new-password"
    />
  );
}

/** Why a new password, or what goes with it, was refused, and what to do. */
export function PasswordFault({ error }: { readonly error: ApiError | null }) {
  const { t } = useLanguage();
  if (error === null) return null;
  const words = error.code === "weak_password" ? "password.weak" : error.code === "link_invalid" ? "link.invalid" : error.code === "wrong_password" || error.status === 401 ? "password.wrong" : null;
  if (words === null) return <ErrorNote error={error} />;
  return (
    <p className="note note-error" role="alert" data-testid="password-fault">
      {t(words)}
    </p>
  );
}
