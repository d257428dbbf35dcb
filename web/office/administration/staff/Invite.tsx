/** Invites somebody, who chooses their own password: by e-mail, or by national id with a link to hand over. */
import { useState } from "react";
import TextField from "@mui/material/TextField";
import type { InvitationMade, Role } from "#web/client/operations.d.ts";
import { useAct } from "../../data/queries.ts";
import { useLocale, useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { useErrorWords } from "../../parts/error-words.ts";
import { Choice } from "../parts/Choice.tsx";
import { fieldOf } from "./fields.ts";
import { Roles } from "./Roles.tsx";

const FIELDS = ["email", "nationalId"] as const;

export function Invite({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: (made: InvitationMade) => void }) {
  const t = useWords();
  const errorWords = useErrorWords();
  const own = useLocale();
  const [by, setBy] = useState<(typeof FIELDS)[number]>("email");
  const [text, setText] = useState("");
  const [locale, setLocale] = useState(own);
  const [roles, setRoles] = useState<readonly Role[]>(["clinician"]);
  const act = useAct("post /invitations", { changes: ["get /invitations"], onDone, onError: (error) => fieldOf(error, FIELDS) !== null || error.status === 409 });
  return (
    <ConfirmDialog
      title={t("staff.invite")} action={t("staff.invite")} isWorking={act.isPending} isReady={text.trim() !== "" && roles.length > 0} onClose={onClose}
      onConfirm={() => act.mutate({ body: { [by]: text.trim(), roles: [...roles], locale } })}
    >
      <p>{t("staff.inviteLead")}</p>
      <Choice label={t("staff.by")} value={by} onChange={setBy} choices={[["email", t("staff.email")], ["nationalId", t("staff.nationalId")]]} />
      <TextField
        fullWidth margin="normal" label={t(by === "email" ? "staff.email" : "staff.nationalId")} value={text} type={by === "email" ? "email" : "text"} error={act.error !== null}
        helperText={act.error ? errorWords(act.error) : " "} onChange={(event) => setText(event.target.value)} slotProps={{ htmlInput: { "data-testid": "invite-whom", autoComplete: "off" } }}
      />
      <Roles roles={roles} choices={["clinician", "admin", "patient"]} onChange={setRoles} />
      <Choice label={t("staff.language")} value={locale} onChange={setLocale} choices={[["en", "English"], ["es", "Español"]]} />
    </ConfirmDialog>
  );
}
