/** Makes an account with a first password, which is shown once and changed at the first sign-in. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import TextField from "@mui/material/TextField";
import type { Role, UserMade } from "#web/client/operations.d.ts";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { useErrorWords } from "../../parts/error-words.ts";
import { fieldOf } from "./fields.ts";
import { Roles } from "./Roles.tsx";

const FIELDS = ["displayName", "email", "username", "nationalId"] as const;

export function MakeAccount({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: (made: UserMade) => void }) {
  const t = useWords();
  const errorWords = useErrorWords();
  const [values, setValues] = useState<Readonly<Record<(typeof FIELDS)[number], string>>>({ displayName: "", email: "", username: "", nationalId: "" });
  const [roles, setRoles] = useState<readonly Role[]>(["clinician"]);
  const act = useAct("post /users", { changes: ["get /users"], onDone, onError: () => true });
  const wrong = fieldOf(act.error, FIELDS);
  const given = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.trim()] as const).filter(([, text]) => text !== ""));
  const isReady = values.displayName.trim() !== "" && Object.keys(given).length > 1 && roles.length > 0;
  return (
    <ConfirmDialog
      title={t("staff.make")} action={t("staff.make")} isWorking={act.isPending} isReady={isReady} onClose={onClose}
      onConfirm={() => act.mutate({ body: { ...given, displayName: values.displayName.trim(), roles: [...roles] } })}
    >
      <p>{t("staff.makeLead")}</p>
      {FIELDS.map((name) => (
        <TextField
          key={name} fullWidth margin="dense" label={t(`staff.${name}`)} required={name === "displayName"} value={values[name]} error={wrong === name}
          helperText={wrong === name && act.error ? errorWords(act.error) : " "} onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          slotProps={{ htmlInput: { "data-testid": `make-${name}`, autoComplete: "off" } }}
        />
      ))}
      <Roles roles={roles} choices={["clinician", "admin", "patient"]} onChange={setRoles} />
      {act.error && wrong === null ? <Alert severity="error">{errorWords(act.error)}</Alert> : null}
    </ConfirmDialog>
  );
}
