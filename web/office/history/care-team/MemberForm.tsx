/** Names a clinician of the care team, or changes what is said of one. */
import { useState } from "react";
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
import { useAct, useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { DIALOG_FORM, leadToFault } from "../../parts/form.ts";
import { useErrorWords } from "../../parts/error-words.ts";
import { usePatient } from "../../patient/patient.ts";
import { orNull } from "../entries/entry.ts";
import { type Member, ROLE_WORDS } from "./member.ts";

type Role = keyof typeof ROLE_WORDS;
const ROLES = Object.entries(ROLE_WORDS) as [Role, (typeof ROLE_WORDS)[Role]][];
const CHANGED = ["get /patients/{patientId}/care-team"] as const;

export function MemberForm({ member, known, onClose }: { readonly member: Member | null; readonly known: readonly Member[]; readonly onClose: () => void }) {
  const t = useWords();
  const { path } = usePatient();
  const [form, setForm] = useState({ userId: member?.user.id ?? "", role: member?.role ?? ("physician" as Role), roleWords: member?.roleWords ?? "", isMainContact: member?.isMainContact ?? false });
  const [isTold, setTold] = useState(false);
  const errorWords = useErrorWords();
  const clinicians = useOperation("get /clinicians", {}, { isEnabled: member === null });
  const add = useAct("post /patients/{patientId}/care-team", { changes: CHANGED, onDone: onClose });
  const change = useAct("patch /patients/{patientId}/care-team/{memberId}", { changes: CHANGED, onDone: onClose });
  const isWorking = add.isPending || change.isPending;
  const named = new Set(known.flatMap(({ id, user }) => (id === null ? [] : [user.id])));
  const choices = member ? [{ id: member.user.id, displayName: member.user.name }] : (clinicians.data?.data ?? []).filter(({ id }) => !named.has(id));
  const isNobodyLeft = member === null && clinicians.data !== undefined && choices.length === 0;
  const isMissing = isTold && form.userId === "";
  const who = clinicians.error ? errorWords(clinicians.error) : isNobodyLeft ? t("history.nobodyLeft") : isMissing ? t("history.faultRequired") : undefined;
  const save = (): void => {
    const { userId, role, isMainContact } = form;
    const place = { role, roleWords: orNull(form.roleWords), isMainContact };
    if (member?.id) change.mutate({ path: { ...path, memberId: member.id }, body: place });
    else add.mutate({ path, body: { userId, ...place } });
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="member-form" fullWidth maxWidth="xs">
      <Box
        component="form" noValidate sx={DIALOG_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          leadToFault(event.currentTarget);
          setTold(true);
          if (form.userId !== "" && !isWorking) save();
        }}
      >
        <DialogTitle id="member-form">{member ? t("history.change", { what: member.user.name }) : t("history.addMember")}</DialogTitle>
        <DialogContent sx={{ display: "grid", gap: 2, "&&": { pt: 1 } }}>
          <TextField select required disabled={member !== null} label={t("history.clinician")} value={choices.some(({ id }) => id === form.userId) ? form.userId : ""} onChange={(event) => setForm({ ...form, userId: event.target.value })} error={clinicians.error !== null || isMissing} helperText={who} data-testid="member-user">
            {choices.map(({ id, displayName }) => <MenuItem key={id} value={id}>{displayName}</MenuItem>)}
          </TextField>
          <TextField select required label={t("history.role")} value={form.role} onChange={(event) => setForm({ ...form, role: event.target.value as Role })}>
            {ROLES.map(([role, label]) => <MenuItem key={role} value={role}>{t(label)}</MenuItem>)}
          </TextField>
          <TextField label={t("history.roleWords")} value={form.roleWords} onChange={(event) => setForm({ ...form, roleWords: event.target.value })} slotProps={{ htmlInput: { maxLength: 80 } }} />
          <FormControlLabel control={<Checkbox checked={form.isMainContact} onChange={(event) => setForm({ ...form, isMainContact: event.target.checked })} />} label={t("history.mainContact")} />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="contained" disabled={isWorking || isNobodyLeft} data-testid="save-member">{t("action.save")}</Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
}
