/** Invites a patient by e-mail, or by national id with a link to hand over; and what was invited and is still open, which can be withdrawn. */
import { useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useNotify } from "ra-core";
import { Choice } from "../administration/parts/Choice.tsx";
import { ShownOnce } from "../administration/parts/ShownOnce.tsx";
import { fieldOf } from "../administration/staff/fields.ts";
import { useAct, useOperation } from "../data/queries.ts";
import { useLocale, useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Instant } from "../parts/Instant.tsx";
import { Loaded } from "../parts/Loaded.tsx";

const FIELDS = ["email", "nationalId"] as const;
type By = (typeof FIELDS)[number];
const WRONG = { email: "patients.inviteEmailWrong", nationalId: "patients.inviteIdWrong" } as const;
const HELP = { email: "patients.inviteEmailHelp", nationalId: "patients.inviteIdHelp" } as const;

export function InviteButton() {
  const t = useWords();
  const notify = useNotify();
  const [isOpen, setOpen] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const onInvited = (made: { readonly link: string | null; readonly email: string | null }): void => {
    setOpen(false);
    setLink(made.link);
    const sent = t("patients.inviteSent", { email: made.email ?? "" });
    if (made.email !== null) notify(sent, { type: "success", messageArgs: { _: sent } });
  };
  return (
    <>
      <Button variant="contained" onClick={() => setOpen(true)} data-testid="invite-patient">{t("patients.invite")}</Button>
      {isOpen ? <InviteDialog onClose={() => setOpen(false)} onInvited={onInvited} /> : null}
      {link === null ? null : <ShownOnce title={t("staff.linkTitle")} lead={t("staff.linkLead")} secret={link} onClose={() => setLink(null)} />}
    </>
  );
}

interface InviteDialogProps {
  readonly onClose: () => void;
  readonly onInvited: (made: { readonly link: string | null; readonly email: string | null }) => void;
}

function InviteDialog({ onClose, onInvited }: InviteDialogProps) {
  const t = useWords();
  const own = useLocale();
  const [by, setBy] = useState<By>("email");
  const [text, setText] = useState("");
  const [locale, setLocale] = useState(own);
  const act = useAct("post /invitations", { changes: ["get /invitations"], onDone: onInvited, onError: (error) => fieldOf(error, FIELDS) !== null });
  const isWrong = fieldOf(act.error, FIELDS) === by;
  const write = (next: string): void => {
    act.reset();
    setText(next);
  };
  const chooseBy = (next: By): void => {
    setBy(next);
    write("");
  };
  return (
    <ConfirmDialog
      title={t("patients.invite")} action={t("patients.inviteSend")} isWorking={act.isPending} isReady={text.trim() !== ""} onClose={onClose}
      onConfirm={() => act.mutate({ body: { [by]: text.trim(), roles: ["patient"], locale } })}
    >
      <Typography sx={{ mb: 2 }}>{t("patients.inviteLead")}</Typography>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5 }}>
        <Choice label={t("staff.by")} value={by} onChange={chooseBy} testId="invite-by" choices={[["email", t("staff.email")], ["nationalId", t("staff.nationalId")]]} />
        <Choice label={t("staff.language")} value={locale} onChange={setLocale} choices={[["en", "English"], ["es", "Español"]]} />
      </Box>
      <TextField
        fullWidth margin="normal" label={t(`staff.${by}`)} value={text} error={isWrong} helperText={t(isWrong ? WRONG[by] : HELP[by])} onChange={(event) => write(event.target.value)}
        slotProps={{ htmlInput: { "data-testid": "invite-whom", autoComplete: "off", maxLength: 254, inputMode: by === "email" ? "email" : "text" } }}
      />
      <OpenInvitations />
    </ConfirmDialog>
  );
}

/** Of patients, that nobody has accepted yet: an admin sees everybody's, a clinician their own. */
function OpenInvitations() {
  const t = useWords();
  const query = useOperation("get /invitations", {});
  const withdraw = useAct("delete /invitations/{id}", { changes: ["get /invitations"] });
  return (
    <Box component="section" sx={{ mt: 1 }}>
      <Typography component="h3" variant="subtitle2">{t("patients.invitations")}</Typography>
      <Loaded query={query}>
        {({ data }) => {
          const open = data.filter(({ roles, acceptedAt, withdrawnAt, expiresAt }) => roles.includes("patient") && acceptedAt === null && withdrawnAt === null && Date.parse(expiresAt) > query.dataUpdatedAt);
          if (open.length === 0) return <Typography variant="body2" color="text.secondary">{t("patients.noInvitations")}</Typography>;
          return (
            <Box component="ul" sx={{ listStyle: "none", p: 0, m: 0 }} data-testid="open-invitations">
              {open.map(({ id, email, expiresAt }) => (
                <Box component="li" key={id} sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1 }}>
                  <Box sx={{ flexGrow: 1, minWidth: 0, overflowWrap: "anywhere" }}>
                    {email ?? t("staff.byNationalId")} <Typography component="span" variant="body2" color="text.secondary"><Instant at={expiresAt} /></Typography>
                  </Box>
                  <Button size="small" color="error" disabled={withdraw.isPending} aria-label={t("patients.withdrawWhom", { name: email ?? t("staff.byNationalId") })} onClick={() => withdraw.mutate({ path: { id } })}>{t("staff.withdraw")}</Button>
                </Box>
              ))}
            </Box>
          );
        }}
      </Loaded>
    </Box>
  );
}
