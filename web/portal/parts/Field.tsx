import { type InputHTMLAttributes, useId, useState } from "react";
import { useLanguage } from "../language.tsx";

export interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "id"> {
  readonly label: string;
  /** What is expected; read out with the field. */
  readonly hint?: string | undefined;
  /** What is wrong with what was typed. */
  readonly fault?: string | null | undefined;
  readonly testId: string;
  readonly onValue: (value: string) => void;
}

/** A labelled field with what is expected and what is wrong. */
export function Field({ label, hint, fault, testId, onValue, ...input }: FieldProps) {
  const id = useId();
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <input id={id} {...input} {...faultOf(id, hint, fault)} onChange={(event) => onValue(event.target.value)} data-testid={testId} />
      <FieldWords id={id} hint={hint} fault={fault} />
    </div>
  );
}

/** A password that can be looked at while it is typed (NIST SP 800-63B-4 §3.1.1.2). */
export function PasswordField({ label, hint, fault, testId, onValue, ...input }: Omit<FieldProps, "type">) {
  const { t } = useLanguage();
  const id = useId();
  const [isShown, setIsShown] = useState(false);
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      <div className="password-row">
        <input
          id={id} autoCapitalize="none" spellCheck={false} {...input} {...faultOf(id, hint, fault)} type={isShown ? "text" : "password"}
          onChange={(event) => onValue(event.target.value)} data-testid={testId}
        />
        <button type="button" className="button button-quiet" aria-pressed={isShown} onClick={() => setIsShown(!isShown)} data-testid={`${testId}-show`}>
          {t(isShown ? "password.hide" : "password.show")}
        </button>
      </div>
      <FieldWords id={id} hint={hint} fault={fault} />
    </div>
  );
}

function faultOf(id: string, hint: string | undefined, fault: string | null | undefined) {
  const described = [fault ? `${id}-fault` : "", hint ? `${id}-hint` : ""].filter((part) => part !== "").join(" ");
  return { "aria-invalid": Boolean(fault), ...(described === "" ? {} : { "aria-describedby": described }) };
}

function FieldWords({ id, hint, fault }: { readonly id: string; readonly hint: string | undefined; readonly fault: string | null | undefined }) {
  return (
    <>
      {fault ? (
        <p id={`${id}-fault`} className="field-error" role="alert">
          {fault}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="muted">
          {hint}
        </p>
      ) : null}
    </>
  );
}
