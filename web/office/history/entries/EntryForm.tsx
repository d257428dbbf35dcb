/** The form of an entry, new or changed, from its kind's fields. */
import { type ReactNode, useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { DIALOG_FORM, leadToFault } from "../../parts/form.ts";
import { faultsOf, type FormField, type FormValues } from "./entry.ts";

export interface EntryFormProps {
  readonly title: string;
  readonly fields: readonly FormField[];
  /** Of an entry that is changed; a new one has none. */
  readonly values?: FormValues | undefined;
  /** Names of fields that the server refused; the person has been told so. */
  readonly refused?: readonly string[] | undefined;
  /** Above the fields. */
  readonly notice?: ReactNode;
  readonly isWorking: boolean;
  readonly onSave: (values: FormValues) => void;
  readonly onClose: () => void;
}

export function EntryForm({ title, fields, values, refused = [], notice, isWorking, onSave, onClose }: EntryFormProps) {
  const t = useWords();
  const [form, setForm] = useState<FormValues>(() => values ?? Object.fromEntries(fields.map(({ name, first = "" }) => [name, first])));
  const [isTold, setTold] = useState(false);
  const faults = faultsOf(fields, form);
  const save = (): void => {
    setTold(true);
    if (Object.keys(faults).length === 0 && !isWorking) onSave(form);
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="entry-form" fullWidth maxWidth="sm">
      <Box
        component="form" noValidate sx={DIALOG_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          leadToFault(event.currentTarget);
          save();
        }}
      >
        <DialogTitle id="entry-form">{title}</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 2, "&&": { pt: 1 } }}>
          {notice}
          {fields.map((field) => <Field key={field.name} field={field} value={form[field.name] ?? ""} fault={isTold ? (faults[field.name] ?? (refused.includes(field.name) ? "history.faultRefused" : undefined)) : undefined} onChange={(value) => setForm({ ...form, [field.name]: value })} />)}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="contained" disabled={isWorking} data-testid="save-entry">{t("action.save")}</Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly value: string;
  /** What is wrong with it, once somebody wanted to save. */
  readonly fault: MessageKey | undefined;
  readonly onChange: (value: string) => void;
}

function Field({ field: { name, label, kind, options = [], isRequired = false, most }, value, fault, onChange }: FieldProps) {
  const t = useWords();
  const told = fault === undefined ? {} : { error: true, helperText: t(fault) };
  const htmlInput = { "data-testid": `field-${name}`, ...(most === undefined ? {} : { maxLength: most }) };
  if (kind === "tick") return <FormControlLabel control={<Checkbox checked={value === "true"} onChange={(event) => onChange(String(event.target.checked))} />} label={t(label)} />;
  if (kind === "select") {
    return (
      <TextField select label={t(label)} required={isRequired} value={value} onChange={(event) => onChange(event.target.value)} {...told} slotProps={{ htmlInput }}>
        {isRequired ? null : <MenuItem value="">{t("history.none")}</MenuItem>}
        {options.map(([each, word]) => <MenuItem key={each} value={each}>{t(word)}</MenuItem>)}
      </TextField>
    );
  }
  return (
    <TextField
      label={t(label)} required={isRequired} value={value} onChange={(event) => onChange(event.target.value)} {...told} {...(kind === "prose" ? { multiline: true, minRows: 2 } : {})}
      {...(kind === "date" ? { type: "date" } : {})} slotProps={{ htmlInput, ...(kind === "date" ? { inputLabel: { shrink: true } } : {}) }}
    />
  );
}
