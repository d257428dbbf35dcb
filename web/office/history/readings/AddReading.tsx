/** A reading typed for the patient, in the patient's time. What looks like the other unit is asked about and never changed silently. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { GlucoseUnit } from "#web/client/types.ts";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { DIALOG_FORM, leadToFault } from "../../parts/form.ts";
import { usePatient } from "../../patient/patient.ts";
import { instantIn, localText, numberOf, otherUnitMeant } from "#web/language/readings.ts";
import { MEAL_RELATIONS, READING_TYPE_NAMES, useTypeWords } from "./reading-types.ts";

const UNITS: readonly GlucoseUnit[] = ["mg/dL", "mmol/L"];
const RELATIONS = Object.entries(MEAL_RELATIONS);

export function AddReading({ onClose }: { readonly onClose: () => void }) {
  const t = useWords();
  const { unit: own, zone, path } = usePatient();
  const [form, setForm] = useState(() => ({ value: "", unit: own, at: localText(zone, Date.now()), type: "", mealRelation: "", note: "" }));
  const [isSure, setSure] = useState(false);
  const set = (part: Partial<typeof form>): void => {
    setForm({ ...form, ...part });
    setSure(false);
    setRefused(null);
  };
  /** Where the server found what cannot be; null until it did. */
  const [refused, setRefused] = useState<readonly string[] | null>(null);
  const [isTold, setTold] = useState(false);
  const typeWords = useTypeWords();
  const add = useAct("post /patients/{patientId}/readings", {
    // An answer without an error may still list the reading as one that cannot be.
    onDone: ({ problems }) => (problems.length > 0 ? setRefused(problems.map(({ path: where }) => where)) : onClose()),
    onError: ({ status, fields }) => {
      if (status !== 422) return false;
      setRefused(fields);
      return true;
    },
  });
  const isRefused = (field: string): boolean => refused?.some((where) => where.endsWith(`/${field}`)) ?? false;
  const value = numberOf(form.value);
  const at = instantIn(zone, form.at);
  const valueFault = isRefused("value") ? t("history.faultMeter") : isTold && value === null ? t("history.faultValue") : undefined;
  const timeFault = isRefused("at") ? t("history.faultWhen") : isTold && at === null ? t("history.faultTime") : undefined;
  const meant = value === null ? null : otherUnitMeant(value, form.unit);
  const mayGo = value !== null && at !== null && (meant === null || isSure) && !add.isPending;
  const send = (): void => {
    const { unit, type, mealRelation, note } = form;
    add.mutate({ path, body: { syncSource: "manual", readings: [{ at, value, unit, ...(type ? { type } : {}), ...(mealRelation ? { mealRelation } : {}), ...(note.trim() ? { note: note.trim() } : {}) }] } });
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="add-reading" fullWidth maxWidth="xs">
      <Box
        component="form" noValidate sx={DIALOG_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          leadToFault(event.currentTarget);
          setTold(true);
          if (mayGo) send();
        }}
      >
        <DialogTitle id="add-reading">{t("history.addReading")}</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 2, "&&": { pt: 1 } }}>
          {refused === null ? null : <Alert severity="error" data-testid="reading-refused">{t("history.readingRefused")}</Alert>}
          <TextField required label={t("history.value")} value={form.value} onChange={(event) => set({ value: event.target.value })} error={valueFault !== undefined} helperText={valueFault} slotProps={{ htmlInput: { inputMode: "decimal", "data-testid": "reading-value" } }} />
          <TextField select label={t("history.unit")} value={form.unit} onChange={(event) => set({ unit: event.target.value as GlucoseUnit })}>
            {UNITS.map((unit) => <MenuItem key={unit} value={unit}>{unit}</MenuItem>)}
          </TextField>
          {meant ? (
            <Alert severity="warning" data-testid="unit-doubt" action={<><Button color="inherit" size="small" onClick={() => set({ unit: meant })}>{meant}</Button><Button color="inherit" size="small" onClick={() => setSure(true)} disabled={isSure}>{t("history.keepUnit", { unit: form.unit })}</Button></>}>
              {t("history.unitDoubt", { unit: meant })}
            </Alert>
          ) : null}
          <TextField required type="datetime-local" label={t("history.at", { zone })} value={form.at} onChange={(event) => set({ at: event.target.value })} error={timeFault !== undefined} helperText={timeFault} slotProps={{ inputLabel: { shrink: true } }} />
          <TextField select label={t("history.type")} value={form.type} onChange={(event) => set({ type: event.target.value })}>
            <MenuItem value="">{t("history.none")}</MenuItem>
            {READING_TYPE_NAMES.map((type) => <MenuItem key={type} value={type}>{typeWords(type)}</MenuItem>)}
          </TextField>
          <TextField select label={t("history.mealRelation")} value={form.mealRelation} onChange={(event) => set({ mealRelation: event.target.value })}>
            <MenuItem value="">{t("history.none")}</MenuItem>
            {RELATIONS.map(([relation, label]) => <MenuItem key={relation} value={relation}>{t(label)}</MenuItem>)}
          </TextField>
          <TextField multiline label={t("history.note")} value={form.note} onChange={(event) => set({ note: event.target.value })} slotProps={{ htmlInput: { maxLength: 2_000 } }} />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="contained" disabled={add.isPending || (meant !== null && !isSure)} data-testid="save-reading">{t("action.save")}</Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
}
