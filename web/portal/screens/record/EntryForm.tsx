import { useId, useState } from "react";
import { useLanguage } from "../../language.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { ErrorNote } from "../../parts/States.tsx";
import type { Task } from "../../task.ts";
import { faultsOf, type FormField, type FormValues } from "./entry.ts";

export interface EntryFormProps {
  readonly title: string;
  readonly fields: readonly FormField[];
  /** Of an entry that is changed; a new one has none. */
  readonly values?: FormValues;
  readonly task: Task;
  readonly onSave: (values: FormValues) => void;
  readonly onClose: () => void;
}

/** The form of an entry, new or changed, from its kind's fields. */
export function EntryForm({ title, fields, values, task, onSave, onClose }: EntryFormProps) {
  const { t } = useLanguage();
  const [form, setForm] = useState<FormValues>(() => values ?? Object.fromEntries(fields.map(({ name, first = "" }) => [name, first])));
  const { missing, wrongOrder } = faultsOf(fields, form);
  return (
    <Dialog title={title} onClose={onClose} testId="entry-form">
      <form className="form" onSubmit={(event) => {
        event.preventDefault();
        if (missing.length === 0 && wrongOrder.length === 0) onSave(form);
      }}>
        {fields.map((field) => (
          <OneField key={field.name} field={field} value={form[field.name] ?? ""} isWrongOrder={wrongOrder.includes(field.name)} onValue={(value) => setForm({ ...form, [field.name]: value })} />
        ))}
        {task.error ? <ErrorNote error={task.error} /> : null}
        <div className="actions actions-end dialog-actions">
          <button type="button" className="button" onClick={onClose}>{t("connections.cancel")}</button>
          <button type="submit" className="button button-primary" disabled={task.isWorking} data-testid="entry-save">{t("entry.save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

interface OneFieldProps {
  readonly field: FormField;
  readonly value: string;
  readonly isWrongOrder: boolean;
  readonly onValue: (value: string) => void;
}

function OneField({ field, value, isWrongOrder, onValue }: OneFieldProps) {
  const { t } = useLanguage();
  const id = useId();
  const { name, kind, hint, options = [], isRequired = false, most } = field;
  const label = isRequired ? t(field.label) : t("connections.optional", { label: t(field.label) });
  if (kind === "text" || kind === "date") {
    return (
      <Field
        label={label} type={kind} value={value} required={isRequired} onValue={onValue} testId={`field-${name}`} fault={isWrongOrder ? t("field.wrongOrder") : null} autoComplete="off"
        {...(most === undefined ? {} : { maxLength: most })} {...(hint === undefined ? {} : { hint: t(hint) })}
      />
    );
  }
  return (
    <div className="form-field">
      <label htmlFor={id}>{label}</label>
      {kind === "prose" ? <textarea id={id} rows={3} maxLength={most} value={value} onChange={(event) => onValue(event.target.value)} data-testid={`field-${name}`} /> : (
        <select id={id} value={value} required={isRequired} onChange={(event) => onValue(event.target.value)} data-testid={`field-${name}`}>
          {isRequired ? null : <option value="">{t("field.unsaid")}</option>}
          {options.map(([each, words]) => <option key={each} value={each}>{t(words)}</option>)}
        </select>
      )}
    </div>
  );
}
