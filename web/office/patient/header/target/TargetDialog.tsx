/** Sets what a patient's glucose is held against. Islet fills in what holds now, and proposes nothing. */
import { useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import MenuItem from "@mui/material/MenuItem";
import Switch from "@mui/material/Switch";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import type { GlucoseUnit } from "#web/client/types.ts";
import { useAct } from "../../../data/queries.ts";
import type { MessageKey } from "../../../messages/catalogue.ts";
import { otherUnit, useWords } from "../../../messages/words.ts";
import { DIALOG_FORM, leadToFault } from "../../../parts/form.ts";
import { type Target, usePatient } from "../../patient.ts";
import { PRESETS, type Ranges } from "../../period.ts";
import { PRESET_NAMES } from "../PeriodPicker.tsx";
import { bodyOf, type Fault, faultsOf, formOf, type Goal, GOALS, isSound, type Threshold, THRESHOLDS } from "./target-form.ts";
import { TargetHistory } from "./TargetHistory.tsx";

const CHANGED = ["get /patients/{patientId}/targets", "get /clinic/patients", "post /clinic/patients/search"] as const;
const UNITS: readonly GlucoseUnit[] = ["mg/dL", "mmol/L"];
const THRESHOLD_NAMES = { veryLow: "patient.thresholdVeryLow", low: "patient.thresholdLow", high: "patient.thresholdHigh", veryHigh: "patient.thresholdVeryHigh" } as const satisfies Record<Threshold, MessageKey>;
const GOAL_NAMES = { target: "patient.wantedTarget", below: "patient.wantedBelow", veryLow: "patient.wantedVeryLow", above: "patient.wantedAbove", veryHigh: "patient.wantedVeryHigh" } as const satisfies Record<Goal, MessageKey>;
const FAULTS = { number: "patient.faultNumber", order: "patient.faultOrder", percent: "patient.faultPercent", otherUnit: "patient.faultUnit" } as const satisfies Record<Fault, MessageKey>;
const GRID = { display: "grid", gap: 1.5, gridTemplateColumns: { xs: "minmax(0, 1fr)", sm: "repeat(2, minmax(0, 1fr))" }, border: 0, p: 0, m: 0 } as const;

export function TargetDialog({ target, onClose }: { readonly target: Target; readonly onClose: () => void }) {
  const t = useWords();
  const { path, unit } = usePatient();
  const [form, setForm] = useState(() => formOf(target, unit));
  const [isTold, setTold] = useState(false);
  const set = useAct("put /patients/{patientId}/targets", { changes: CHANGED, onDone: onClose });
  const faults = faultsOf(form);
  const told = (fault: Fault | undefined): string | undefined => (fault && isTold ? t(FAULTS[fault], { unit: otherUnit(form.boundsUnit) }) : undefined);
  const save = (): void => {
    setTold(true);
    if (isSound(faults) && !set.isPending) set.mutate({ path, body: bodyOf(form) });
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="target-title" fullWidth maxWidth="sm">
      <Box
        component="form" noValidate sx={DIALOG_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          leadToFault(event.currentTarget);
          save();
        }}
      >
        <DialogTitle id="target-title">{t("patient.targetTitle")}</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 2, "&&": { pt: 1 } }}>
          <Typography variant="body2" color="textSecondary">{t("patient.targetHint")}</Typography>
          <TextField select label={t("patient.preset")} value={form.preset} onChange={(event) => setForm({ ...form, preset: event.target.value as Ranges })} data-testid="target-preset">
            {[...PRESETS, "custom" as const].map((each) => <MenuItem key={each} value={each}>{t(PRESET_NAMES[each])}</MenuItem>)}
          </TextField>
          {form.preset === "custom" ? (
            <Box component="fieldset" sx={GRID}>
              <Typography component="legend" variant="subtitle2" sx={{ mb: 1 }}>{t("patient.thresholds", { unit: form.boundsUnit })}</Typography>
              {THRESHOLDS.map((name) => (
                <TextField
                  key={name} size="small" required label={t(THRESHOLD_NAMES[name])} value={form.bounds[name]} onChange={(event) => setForm({ ...form, bounds: { ...form.bounds, [name]: event.target.value } })}
                  error={told(faults.bounds[name]) !== undefined} helperText={told(faults.bounds[name])} slotProps={{ htmlInput: { inputMode: "decimal", maxLength: 8, "data-testid": `target-${name}` } }}
                />
              ))}
            </Box>
          ) : null}
          <FormControlLabel control={<Switch checked={form.hasOwnGoals} onChange={(_, hasOwnGoals) => setForm({ ...form, hasOwnGoals })} slotProps={{ input: { "data-testid": "target-own-goals" } as object }} />} label={t("patient.ownGoals")} />
          {form.hasOwnGoals ? (
            <Box component="fieldset" sx={GRID}>
              <Typography component="legend" variant="subtitle2" sx={{ mb: 1 }}>{t("patient.goalsInPercent")}</Typography>
              {GOALS.map((name) => (
                <TextField
                  key={name} size="small" label={t(GOAL_NAMES[name])} value={form.goals[name]} onChange={(event) => setForm({ ...form, goals: { ...form.goals, [name]: event.target.value } })}
                  error={told(faults.goals[name]) !== undefined} helperText={told(faults.goals[name])} slotProps={{ htmlInput: { inputMode: "decimal", maxLength: 6, "data-testid": `target-goal-${name}` } }}
                />
              ))}
            </Box>
          ) : null}
          <TextField select label={t("patient.targetUnit")} value={form.unit} onChange={(event) => setForm({ ...form, unit: event.target.value as GlucoseUnit | "" })} helperText={t("patient.targetUnitHint")} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
            <MenuItem value="">{t("patient.targetUnitReader")}</MenuItem>
            {UNITS.map((each) => <MenuItem key={each} value={each}>{each}</MenuItem>)}
          </TextField>
          <TargetHistory />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="contained" disabled={set.isPending} data-testid="target-save">{t("action.save")}</Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
}
