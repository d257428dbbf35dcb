/** Puts a patient off: until when, and why. A group that the patient is not in now lists them again before. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import type { ApiError } from "#web/client/errors.ts";
import { useFormatter, useLocale, useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { useErrorWords } from "../parts/error-words.ts";
import type { PatientLine } from "../patients/use-patients.ts";
import { dateIn, LONGEST_REASON, SHORTEST_REASON, spanOf, untilOf, USUAL_DAYS } from "./put-off.ts";

export interface PutOffProps {
  readonly line: PatientLine;
  readonly isWorking: boolean;
  readonly error: ApiError | null;
  readonly onPutOff: (snooze: { readonly until: string; readonly reason: string }) => void;
  readonly onClose: () => void;
}

export function PutOff({ line, isWorking, error, onPutOff, onClose }: PutOffProps) {
  const t = useWords();
  const f = useFormatter(line.zone);
  const locale = useLocale();
  const errorWords = useErrorWords();
  const [nowMs] = useState(() => Date.now());
  const [date, setDate] = useState(() => dateIn(line.zone, nowMs, USUAL_DAYS[0]));
  const [reason, setReason] = useState("");
  const { first, last } = spanOf(line.zone, nowMs);
  const until = untilOf(date, line.zone, nowMs);
  const groups = line.flags.filter(({ group }) => group !== "onTarget").map(({ title }) => title[locale]);
  return (
    <ConfirmDialog
      title={t("dashboard.putOffWhom", { name: line.displayName })} action={t("dashboard.putOff")} isWorking={isWorking} isReady={until !== null && reason.trim().length >= SHORTEST_REASON} onClose={onClose}
      onConfirm={() => (until === null ? undefined : onPutOff({ until, reason: reason.trim() }))}
    >
      <p>{t("dashboard.putOffLead", { groups: f.list(groups) })}</p>
      <Box component="fieldset" aria-label={t("dashboard.until")} sx={{ display: "flex", flexWrap: "wrap", gap: 1, m: 0, my: 1.5, p: 0, border: 0 }}>
        {USUAL_DAYS.map((days) => {
          const its = dateIn(line.zone, nowMs, days);
          return <Button key={days} size="small" variant={its === date ? "contained" : "outlined"} aria-pressed={its === date} onClick={() => setDate(its)}>{t("dashboard.inDays", { days })}</Button>;
        })}
      </Box>
      <TextField
        type="date" fullWidth margin="dense" label={t("dashboard.until")} value={date} error={until === null} helperText={until === null ? t("dashboard.untilWithin", { first: f.yearDay(first), last: f.yearDay(last) }) : t("dashboard.untilHelp", { date: f.yearDay(date) })}
        onChange={(event) => setDate(event.target.value)} slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: first, max: last, "data-testid": "put-off-until" } }}
      />
      <TextField
        fullWidth multiline required margin="dense" label={t("dashboard.reason")} value={reason} helperText={t("dashboard.reasonHelp")} onChange={(event) => setReason(event.target.value.replaceAll("\n", " "))}
        slotProps={{ htmlInput: { maxLength: LONGEST_REASON, "data-testid": "put-off-reason" } }}
      />
      {error ? <Alert severity="error">{errorWords(error)}</Alert> : null}
    </ConfirmDialog>
  );
}
