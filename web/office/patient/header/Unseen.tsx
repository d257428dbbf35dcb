/** A patient whom one may not see: why, who can change that, and what to do in an emergency. */
import { type FormEvent, useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import Paper from "@mui/material/Paper";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import type { ApiError } from "#web/client/errors.ts";
import type { Body } from "#web/client/operation-client.ts";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { useStaff } from "../../session/staff.ts";

type Reason = Body<"post /break-glass">["reason"];

const REASONS = { emergency: "patient.emergencyEmergency", patient_unable: "patient.emergencyUnable", public_duty: "patient.emergencyDuty", other: "patient.emergencyOther" } as const satisfies Record<Reason, string>;
/** Characters, as the server asks for. */
const [SHORTEST, LONGEST] = [10, 500];

export interface UnseenProps {
  readonly patientId: string;
  readonly error: ApiError;
  readonly onOpened: () => void;
}

export function Unseen({ patientId, error, onOpened }: UnseenProps) {
  const t = useWords();
  const { isClinician } = useStaff();
  return (
    <>
      <PageTitle title={t("patient.unseen")} />
      <Alert severity="info" data-testid="unseen">{t(error.status === 403 ? "patient.unseenUnshared" : "patient.unseenUngranted")}</Alert>
      {isClinician ? <Emergency patientId={patientId} onOpened={onOpened} /> : null}
    </>
  );
}

function Emergency({ patientId, onOpened }: Omit<UnseenProps, "error">) {
  const t = useWords();
  const [isOpen, setIsOpen] = useState(false);
  const [reason, setReason] = useState<Reason>("emergency");
  const [explanation, setExplanation] = useState("");
  const open = useAct("post /break-glass", { onDone: onOpened });
  const isTold = explanation.trim().length >= SHORTEST;
  if (!isOpen) return <Button sx={{ mt: 2 }} color="warning" variant="outlined" onClick={() => setIsOpen(true)} data-testid="emergency-open">{t("patient.emergency")}</Button>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isTold) open.mutate({ body: { patientId, reason, explanation: explanation.trim() } });
  };
  return (
    <Paper component="form" variant="outlined" onSubmit={submit} sx={{ mt: 2, p: 2, maxWidth: 640, display: "flex", flexDirection: "column", gap: 2 }}>
      <Typography variant="h6" component="h2">{t("patient.emergency")}</Typography>
      <Typography>{t("patient.emergencyHint")}</Typography>
      <TextField select label={t("patient.emergencyReason")} value={reason} onChange={(event) => setReason(event.target.value as Reason)}>
        {(Object.keys(REASONS) as Reason[]).map((each) => <MenuItem key={each} value={each}>{t(REASONS[each])}</MenuItem>)}
      </TextField>
      <TextField
        required label={t("patient.emergencyExplanation")} value={explanation} onChange={(event) => setExplanation(event.target.value)} helperText={t("patient.emergencyLength", { least: SHORTEST })}
        slotProps={{ htmlInput: { maxLength: LONGEST, "data-testid": "emergency-explanation" } }}
      />
      <Box sx={{ display: "flex", gap: 1 }}>
        <Button type="submit" variant="contained" color="warning" disabled={!isTold} loading={open.isPending} data-testid="emergency-confirm">{t("patient.emergencyConfirm")}</Button>
        <Button onClick={() => setIsOpen(false)}>{t("action.cancel")}</Button>
      </Box>
    </Paper>
  );
}
