/** How full the queue is; its size and words; clearing it, and taking that back. */
import { useState } from "react";
import { useNotify } from "ra-core";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useAct, useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Loaded } from "../parts/Loaded.tsx";
import { seen, useQueueAct } from "./acts.ts";
import { APPOINTMENT_QUERIES } from "./live.ts";
import { LINE_STATES, type Queue } from "./types.ts";

export function QueuePanel() {
  const query = useOperation("get /appointment-queue", {});
  return <Loaded query={query} skeleton={<Skeleton variant="rounded" height={76} />}>{(queue) => <Panel queue={queue} />}</Loaded>;
}

function Panel({ queue }: { readonly queue: Queue }) {
  const t = useWords();
  const [open, setOpen] = useState<"settings" | "clear" | null>(null);
  const { active, capacity } = queue;
  const use = t("appointments.queue.use", { active, capacity });
  return (
    <Box component="section" aria-label={t("appointments.queue")} sx={{ display: "grid", gap: 1, mb: 3 }} data-testid="queue">
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1 }}>
        <Typography sx={{ flex: "1 1 12rem" }} data-testid="queue-use">{use}</Typography>
        <Button size="small" onClick={() => setOpen("settings")} data-testid="queue-settings">{t("appointments.queue.settings")}</Button>
        <Button size="small" color="error" disabled={active === 0} onClick={() => setOpen("clear")} data-testid="queue-clear">{t("appointments.queue.clear")}</Button>
      </Box>
      <LinearProgress variant="determinate" value={capacity === 0 ? 100 : Math.min(100, (100 * active) / capacity)} color={queue.free === 0 ? "warning" : "primary"} aria-label={use} sx={{ height: 8, borderRadius: 4 }} />
      {queue.free === 0 ? <Alert severity="warning">{t("appointments.queue.full")}</Alert> : null}
      {queue.undo ? <Undo undo={queue.undo} /> : null}
      {open === "settings" ? <SettingsDialog queue={queue} onClose={() => setOpen(null)} /> : null}
      {open === "clear" ? <ClearDialog active={active} onClose={() => setOpen(null)} /> : null}
    </Box>
  );
}

function Undo({ undo }: { readonly undo: NonNullable<Queue["undo"]> }) {
  const t = useWords();
  const f = useFormatter();
  const notify = useNotify();
  const act = useAct("post /appointment-queue/restore", {
    changes: APPOINTMENT_QUERIES,
    onDone: ({ restored, left }) => {
      const words = t("appointments.queue.restored", { restored, left });
      notify(words, { type: "success", messageArgs: { _: words } });
    },
  });
  return (
    <Alert severity="info" action={<Button color="inherit" size="small" disabled={act.isPending} onClick={() => act.mutate({})} data-testid="queue-undo">{t("action.undo")}</Button>}>
      {t("appointments.queue.undo", { smart_count: undo.entries, time: f.dateTime(Date.parse(undo.clearedAt)) })}
    </Alert>
  );
}

function ClearDialog({ active, onClose }: { readonly active: number; readonly onClose: () => void }) {
  const t = useWords();
  const act = useQueueAct("post /appointment-queue/clear", "appointments.queue.cleared", onClose);
  return (
    <ConfirmDialog title={t("appointments.queue.clear")} action={t("appointments.queue.clear")} isGrave isWorking={act.isPending} typed={{ text: String(active), label: t("appointments.queue.clearTyped", { number: active }) }}
      onClose={onClose} onConfirm={() => act.mutate({ body: { confirm: active } })}>
      <Typography>{t("appointments.queue.clearLead", { smart_count: active })}</Typography>
    </ConfirmDialog>
  );
}

/** A whole number in these bounds, or null. */
function wholeOf(text: string, least: number, most: number): number | null {
  const value = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}

function SettingsDialog({ queue, onClose }: { readonly queue: Queue; readonly onClose: () => void }) {
  const t = useWords();
  const [given, setGiven] = useState({
    capacity: String(queue.capacity), pending: String(queue.expiryDays.pending), accepted: String(queue.expiryDays.accepted), created: String(queue.expiryDays.created),
    en: queue.emergencyText.en, es: queue.emergencyText.es, phone: queue.emergencyPhone ?? "",
  });
  const act = useQueueAct("patch /appointment-queue", "appointments.queue.saved", onClose);
  const capacity = wholeOf(given.capacity, 0, 10_000);
  const [pending, accepted, created] = LINE_STATES.map((state) => wholeOf(given[state], 1, 365));
  const isReady = capacity !== null && pending != null && accepted != null && created != null && given.en.trim().length >= 10 && given.es.trim().length >= 10;
  const field = (name: keyof typeof given, label: string, isNumber = false) => (
    <TextField key={name} fullWidth margin="dense" label={label} value={given[name]} onChange={(event) => setGiven({ ...given, [name]: event.target.value })}
      slotProps={{ htmlInput: { inputMode: isNumber ? "numeric" : "text", maxLength: isNumber ? 5 : 1_000, "data-testid": `queue-${name}` } }} />
  );
  const save = (): void => {
    if (!isReady) return;
    act.mutate({
      body: { capacity, expiryDays: { pending, accepted, created }, emergencyText: { en: given.en.trim(), es: given.es.trim() }, emergencyPhone: given.phone.trim() === "" ? null : given.phone.trim() },
      ...seen(queue.version),
    });
  };
  return (
    <ConfirmDialog title={t("appointments.queue.settings")} action={t("action.save")} isWorking={act.isPending} isReady={isReady} onClose={onClose} onConfirm={save}>
      {field("capacity", t("appointments.queue.capacity"), true)}
      <Typography variant="body2" sx={{ mt: 1 }}>{t("appointments.queue.days")}</Typography>
      {LINE_STATES.map((state) => field(state, t(`appointments.state.${state}`), true))}
      {field("en", t("appointments.queue.emergencyEn"))}
      {field("es", t("appointments.queue.emergencyEs"))}
      {field("phone", t("appointments.queue.phone"))}
    </ConfirmDialog>
  );
}
