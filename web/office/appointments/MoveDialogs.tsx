/** What is asked before a request is denied or its priority changed. */
import { useState } from "react";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { seen, useQueueAct } from "./acts.ts";
import type { Line } from "./types.ts";

const PRIORITIES = ["normal", "high", "urgent"] as const;
const LEAST_REASON = 3;

interface MoveDialogProps {
  readonly line: Pick<Line, "id" | "displayName" | "version" | "priority">;
  readonly onClose: () => void;
}

export function DenyDialog({ line, onClose }: MoveDialogProps) {
  const t = useWords();
  const [reason, setReason] = useState("");
  const act = useQueueAct("post /appointments/{appointmentId}/deny", "appointments.denied", onClose);
  return (
    <ConfirmDialog title={t("appointments.deny.title", { name: line.displayName })} action={t("appointments.move.deny")} isGrave isWorking={act.isPending} isReady={reason.trim().length >= LEAST_REASON} onClose={onClose}
      onConfirm={() => act.mutate({ path: { appointmentId: line.id }, body: { reason: reason.trim() }, ...seen(line.version) })}>
      <TextField fullWidth required margin="normal" label={t("appointments.deny.reason")} value={reason} onChange={(event) => setReason(event.target.value)} slotProps={{ htmlInput: { maxLength: 1_000, "data-testid": "deny-reason" } }} />
    </ConfirmDialog>
  );
}

export function PriorityDialog({ line, onClose }: MoveDialogProps) {
  const t = useWords();
  const [priority, setPriority] = useState(line.priority);
  const [reason, setReason] = useState("");
  const act = useQueueAct("put /appointments/{appointmentId}/priority", "appointments.prioritized", onClose);
  return (
    <ConfirmDialog title={t("appointments.priority.title", { name: line.displayName })} action={t("action.save")} isWorking={act.isPending} isReady={reason.trim().length >= LEAST_REASON && priority !== line.priority} onClose={onClose}
      onConfirm={() => act.mutate({ path: { appointmentId: line.id }, body: { priority, reason: reason.trim() }, ...seen(line.version) })}>
      <TextField select fullWidth margin="normal" label={t("appointments.priority")} value={priority} onChange={(event) => setPriority(event.target.value as Line["priority"])}>
        {PRIORITIES.map((each) => <MenuItem key={each} value={each}>{t(`appointments.priority.${each}`)}</MenuItem>)}
      </TextField>
      <TextField fullWidth required margin="normal" label={t("appointments.priority.reason")} value={reason} onChange={(event) => setReason(event.target.value)} slotProps={{ htmlInput: { maxLength: 500 } }} />
    </ConfirmDialog>
  );
}
