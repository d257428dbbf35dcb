/** Writing a resolution, or a later version of one: the clinician's own words. Nothing is filled in by Islet but what was written before. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useWords } from "../messages/words.ts";
import { seen, useQueueAct } from "./acts.ts";
import { doseText } from "./Details.tsx";
import type { Whole } from "./types.ts";

const FIELDS = ["basalType", "basalDose", "basalTime", "fastType", "fastRatio", "fastSensitivity", "text"] as const;
type Given = Record<(typeof FIELDS)[number], string> & { emergency: boolean; physical: boolean };

function givenOf({ resolution }: Pick<Whole, "resolution">): Given {
  const { changeBasal: basal, changeFast: fast } = resolution ?? {};
  return {
    basalType: basal?.type ?? "", basalDose: basal?.dose == null ? "" : doseText(basal.dose), basalTime: basal?.time ?? "", fastType: fast?.type ?? "", fastRatio: fast?.ratio ?? "",
    fastSensitivity: fast?.sensitivity ?? "", text: resolution?.text ?? "", emergency: resolution?.needsEmergencyCare ?? false, physical: resolution?.needsPhysicalAppointment ?? false,
  };
}

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());

export function ResolutionForm({ request, onDone }: { readonly request: Whole; readonly onDone: () => void }) {
  const t = useWords();
  const [given, setGiven] = useState(() => givenOf(request));
  const [isEmptyTold, setEmptyTold] = useState(false);
  const act = useQueueAct("post /appointments/{appointmentId}/resolution", "appointments.resolved", onDone);
  const says = given.emergency || given.physical || FIELDS.some((name) => given[name].trim() !== "");
  const field = (name: (typeof FIELDS)[number], label: string) => (
    <TextField size="small" label={label} value={given[name]} onChange={(event) => setGiven({ ...given, [name]: event.target.value })} slotProps={{ htmlInput: { maxLength: 200 } }} />
  );
  const tick = (name: "emergency" | "physical", label: string) => (
    <FormControlLabel control={<Checkbox checked={given[name]} onChange={(event) => setGiven({ ...given, [name]: event.target.checked })} />} label={label} />
  );
  const send = (): void => {
    setEmptyTold(!says);
    if (!says) return;
    act.mutate({
      path: { appointmentId: request.id }, ...seen(request.version),
      body: {
        changeBasal: { type: orNull(given.basalType), dose: orNull(given.basalDose), time: orNull(given.basalTime) },
        changeFast: { type: orNull(given.fastType), ratio: orNull(given.fastRatio), sensitivity: orNull(given.fastSensitivity) },
        needsEmergencyCare: given.emergency, needsPhysicalAppointment: given.physical, text: orNull(given.text),
      },
    });
  };
  return (
    <Box component="form" noValidate data-testid="resolution-form" sx={{ display: "grid", gap: 1.5 }} onSubmit={(event) => {
      event.preventDefault();
      send();
    }}>
      <Typography variant="body2" color="text.secondary">{t("appointments.resolution.own")}</Typography>
      <Group title={t("appointments.resolution.basal")}>
        {field("basalType", t("appointments.resolution.type"))}{field("basalDose", t("appointments.detail.dose"))}{field("basalTime", t("appointments.resolution.time"))}
      </Group>
      <Group title={t("appointments.resolution.fast")}>
        {field("fastType", t("appointments.resolution.type"))}{field("fastRatio", t("appointments.detail.ratio"))}{field("fastSensitivity", t("appointments.detail.sensitivity"))}
      </Group>
      <div>{tick("emergency", t("appointments.resolution.emergency"))}{tick("physical", t("appointments.resolution.physical"))}</div>
      <TextField multiline minRows={3} label={t("appointments.resolution.text")} value={given.text} onChange={(event) => setGiven({ ...given, text: event.target.value })} slotProps={{ htmlInput: { maxLength: 4_000, "data-testid": "resolution-text" } }} />
      {isEmptyTold && !says ? <Alert severity="warning">{t("appointments.resolution.empty")}</Alert> : null}
      <Button type="submit" variant="contained" disabled={act.isPending} sx={{ justifySelf: "start" }} data-testid="resolution-send">{t("appointments.resolution.send")}</Button>
    </Box>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <Box component="fieldset" sx={{ border: 0, p: 0, m: 0, display: "grid", gap: 1.5, gridTemplateColumns: { xs: "1fr", sm: "repeat(3, minmax(0, 1fr))" } }}>
      <Typography component="legend" variant="subtitle2" sx={{ gridColumn: "1 / -1", mb: 1 }}>{title}</Typography>
      {children}
    </Box>
  );
}
