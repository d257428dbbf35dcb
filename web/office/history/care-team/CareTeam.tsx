/** Who cares for the patient, as what, and who of them may look now. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { useAct, useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../../patient/Panel.tsx";
import { usePatient } from "../../patient/patient.ts";
import { ViewOnly } from "../ViewOnly.tsx";
import { MemberForm } from "./MemberForm.tsx";
import { type Member, ROLE_WORDS } from "./member.ts";

const CHANGED = ["get /patients/{patientId}/care-team"] as const;

export function CareTeam() {
  const t = useWords();
  const { patient, path } = usePatient();
  const [form, setForm] = useState<{ readonly member: Member | null } | null>(null);
  const query = useOperation("get /patients/{patientId}/care-team", { path });
  const [ending, setEnding] = useState<{ readonly memberId: string; readonly name: string } | null>(null);
  const end = useAct("delete /patients/{patientId}/care-team/{memberId}", { changes: CHANGED, onDone: () => setEnding(null) });
  const mayWrite = patient.access.scope === "manage";
  return (
    <Panel title={t("history.careTeam")} testId="care-team" aside={mayWrite ? <Button size="small" variant="outlined" onClick={() => setForm({ member: null })} data-testid="add-member">{t("history.addMember")}</Button> : undefined}>
      <Typography color="textSecondary" sx={{ mb: 1.5 }}>{t("history.careTeamHint")}</Typography>
      <ViewOnly />
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0
            ? <Alert severity="info" variant="outlined">{t("history.noMember")}</Alert>
            : (
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1, gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "repeat(2, minmax(0, 1fr))" } }}>
                {data.map((member) => (
                  <MemberCard
                    key={member.user.id} member={member}
                    {...(mayWrite ? { onChange: () => setForm({ member }), ...endOf(member, setEnding) } : {})}
                  />
                ))}
              </Box>
            )}
      </Loaded>
      {ending ? (
        <ConfirmDialog
          title={t("history.endTitle", { name: ending.name })} action={t("history.endMembership")} isGrave isWorking={end.isPending} onClose={() => setEnding(null)}
          onConfirm={() => end.mutate({ path: { ...path, memberId: ending.memberId } })}
        >
          <p>{t("history.endText")}</p>
        </ConfirmDialog>
      ) : null}
      {form ? <MemberForm member={form.member} known={query.data?.data ?? []} onClose={() => setForm(null)} /> : null}
    </Panel>
  );
}

/** A membership can be ended where there is one: access alone is none. */
function endOf({ id, user }: Member, end: (ending: { readonly memberId: string; readonly name: string }) => void): { readonly onEnd?: () => void } {
  return id === null ? {} : { onEnd: () => end({ memberId: id, name: user.name }) };
}

function MemberCard({ member, onChange, onEnd }: { readonly member: Member; readonly onChange?: () => void; readonly onEnd?: () => void }) {
  const t = useWords();
  const { f } = usePatient();
  const { user, role, roleWords, isMainContact, since, access } = member;
  const changeText = t(member.id === null ? "history.nameMember" : "action.edit");
  return (
    <Paper component="li" variant="outlined" sx={{ p: 1.5, minWidth: 0 }} data-testid="member">
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.75, alignItems: "center" }}>
        <Typography component="h3" sx={{ fontWeight: 650, overflowWrap: "anywhere" }}>{user.name}</Typography>
        {isMainContact ? <Chip size="small" label={t("history.mainContact")} /> : null}
        {access ? null : <Chip size="small" variant="outlined" color="warning" label={t("history.noAccess")} />}
      </Box>
      <Typography variant="body2">{role === null ? t("history.notNamed") : [t(ROLE_WORDS[role]), roleWords].filter(Boolean).join(" · ")}</Typography>
      <Typography variant="caption" color="textSecondary" component="p">
        {[since && t("history.memberSince", { date: f.yearDate(Date.parse(since)) }), access && t(SCOPE_WORDS[access.scope], { date: f.yearDate(Date.parse(access.since)) })].filter(Boolean).join(" · ")}
      </Typography>
      {onChange ? (
        <Box sx={{ display: "flex", justifyContent: "end" }}>
          <Button size="small" onClick={onChange} aria-label={`${changeText}: ${user.name}`}>{changeText}</Button>
          {onEnd ? <Button size="small" color="error" onClick={onEnd} aria-label={`${t("history.endMembership")}: ${user.name}`} data-testid="end-member">{t("history.endMembership")}</Button> : null}
        </Box>
      ) : null}
    </Paper>
  );
}

const SCOPE_WORDS = { view: "history.accessView", upload: "history.accessUpload", manage: "history.accessManage" } as const;
