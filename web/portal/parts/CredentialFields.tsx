import type { Provider } from "#web/client/types.ts";
import type { ApiError } from "#web/client/errors.ts";
import { useLanguage } from "../language.tsx";

export interface CredentialFieldsProps {
  readonly provider: Provider;
  readonly values: Readonly<Record<string, string>>;
  readonly onValue: (name: string, value: string) => void;
  readonly error: ApiError | null;
}

/** What a person types for a vendor that has no page of its own to consent on. Never remembered by the page. */
export function CredentialFields({ provider, values, onValue, error }: CredentialFieldsProps) {
  const { t } = useLanguage();
  return (
    <>
      {provider.fields.map(({ name, label, isSecret, isOptional, form }) => {
        const id = `credential-${name}`;
        const isWrong = error?.fields.includes(`/credentials/${name}`) ?? false;
        return (
          <div key={name} className="form-field">
            <label htmlFor={id}>{isOptional ? t("connections.optional", { label }) : label}</label>
            <input
              id={id} name={name} value={values[name] ?? ""} required={!isOptional} aria-invalid={isWrong} data-testid={id}
              type={isSecret ? "password" : form === "email" ? "email" : form === "address" ? "url" : "text"}
              autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => onValue(name, event.target.value)}
            />
          </div>
        );
      })}
      <p className="muted">{t("connections.sealed", { provider: provider.displayName })}</p>
    </>
  );
}
