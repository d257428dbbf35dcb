/** Changes somebody's names and roles. Other roles sign them out everywhere. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import TextField from "@mui/material/TextField";
import type { Role, UserShown } from "#web/client/operations.d.ts";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { useErrorWords } from "../../parts/error-words.ts";
import { fieldOf } from "./fields.ts";
import { Roles } from "./Roles.tsx";

const FIELDS = ["displayName", "username", "nationalId"] as const;

export function EditPerson({ user, onClose }: { readonly user: UserShown; readonly onClose: () => void }) {
  const t = useWords();
  const errorWords = useErrorWords();
  const [values, setValues] = useState({ displayName: user.displayName, username: user.username ?? "", nationalId: user.nationalId ?? "" });
  const [roles, setRoles] = useState<readonly Role[]>(user.roles);
  const act = useAct("patch /users/{id}", { changes: ["get /users"], onDone: onClose, onError: () => true });
  const wrong = fieldOf(act.error, FIELDS);
  const hasOtherRoles = roles.toSorted().join() !== user.roles.toSorted().join();
  const optional = (text: string): string | null => (text.trim() === "" ? null : text.trim());
  return (
    <ConfirmDialog
      title={t("staff.editWhom", { name: user.displayName })} action={t("action.save")} isWorking={act.isPending} isReady={values.displayName.trim() !== "" && roles.length > 0} onClose={onClose}
      onConfirm={() => act.mutate({
        path: { id: user.id },
        body: { displayName: values.displayName.trim(), username: optional(values.username), nationalId: optional(values.nationalId), ...(hasOtherRoles ? { roles: [...roles] } : {}) },
      })}
    >
      {FIELDS.map((name) => (
        <TextField
          key={name} fullWidth margin="dense" label={t(`staff.${name}`)} required={name === "displayName"} value={values[name]} error={wrong === name}
          helperText={wrong === name && act.error ? errorWords(act.error) : " "} onChange={(event) => setValues({ ...values, [name]: event.target.value })} slotProps={{ htmlInput: { autoComplete: "off" } }}
        />
      ))}
      <Roles roles={roles} choices={["clinician", "admin", "patient", "follower"]} onChange={setRoles} />
      {hasOtherRoles ? <Alert severity="warning">{t("staff.rolesWarning")}</Alert> : null}
      {act.error && wrong === null ? <Alert severity="error">{errorWords(act.error)}</Alert> : null}
    </ConfirmDialog>
  );
}
