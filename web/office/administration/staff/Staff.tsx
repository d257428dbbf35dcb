/** Who works here: clinicians and admins, invitations under way, and who is blocked. */
import { useState } from "react";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Stack from "@mui/material/Stack";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import type { InvitationMade, UserMade, UserShown } from "#web/client/operations.d.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { Instant } from "../../parts/Instant.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { useStaff } from "../../session/staff.ts";
import { Choice } from "../parts/Choice.tsx";
import { Empty } from "../parts/Empty.tsx";
import { PagedTable } from "../parts/PagedTable.tsx";
import { ScrollTable } from "../parts/ScrollTable.tsx";
import { ShownOnce } from "../parts/ShownOnce.tsx";
import { usePages } from "../parts/use-pages.ts";
import { EditPerson } from "./EditPerson.tsx";
import { Invite } from "./Invite.tsx";
import { MakeAccount } from "./MakeAccount.tsx";

type Shown = "clinician" | "admin" | "blocked";
type Open = { readonly kind: "invite" | "make" } | { readonly kind: "edit" | "block"; readonly user: UserShown } | null;

export function Staff() {
  const t = useWords();
  const [shown, setShown] = useState<Shown>("clinician");
  const [open, setOpen] = useState<Open>(null);
  const [secret, setSecret] = useState<{ readonly title: MessageKey; readonly lead: MessageKey; readonly text: string } | null>(null);
  const pages = usePages("get /users", { query: shown === "blocked" ? { blocked: "true" } : { role: shown } });
  const close = (): void => setOpen(null);
  const onInvited = ({ link }: InvitationMade): void => {
    close();
    if (link !== null) setSecret({ title: "staff.linkTitle", lead: "staff.linkLead", text: link });
  };
  const onMade = ({ initialPassword }: UserMade): void => {
    close();
    if (initialPassword !== null) setSecret({ title: "staff.passwordTitle", lead: "staff.passwordLead", text: initialPassword });
  };
  return (
    <>
      <PageTitle title={t("staff.title")} sub={t("staff.lead")}>
        <Button variant="contained" onClick={() => setOpen({ kind: "invite" })} data-testid="invite">{t("staff.invite")}</Button>
        <Button variant="outlined" onClick={() => setOpen({ kind: "make" })} data-testid="make">{t("staff.make")}</Button>
      </PageTitle>
      <Stack direction="row" sx={{ mb: 2 }}>
        <Choice label={t("staff.show")} value={shown} onChange={setShown} testId="shown" choices={[["clinician", t("staff.clinicians")], ["admin", t("staff.admins")], ["blocked", t("staff.blocked")]]} />
      </Stack>
      <PagedTable
        pages={pages} label={t("staff.title")} columns={[t("staff.name"), t("staff.signIn"), t("staff.roles"), t("staff.since"), t("administration.actions")]}
        empty={t(shown === "blocked" ? "staff.noneBlocked" : "staff.none")}
        renderRow={(user) => <Person key={user.id} user={user} onEdit={() => setOpen({ kind: "edit", user })} onBlock={() => setOpen({ kind: "block", user })} />}
      />
      <Invitations />
      {open?.kind === "invite" ? <Invite onClose={close} onDone={onInvited} /> : null}
      {open?.kind === "make" ? <MakeAccount onClose={close} onDone={onMade} /> : null}
      {open?.kind === "edit" ? <EditPerson user={open.user} onClose={close} /> : null}
      {open?.kind === "block" ? <Block user={open.user} onClose={close} /> : null}
      {secret ? <ShownOnce title={t(secret.title)} lead={t(secret.lead)} secret={secret.text} onClose={() => setSecret(null)} /> : null}
    </>
  );
}

function Person({ user, onEdit, onBlock }: { readonly user: UserShown; readonly onEdit: () => void; readonly onBlock: () => void }) {
  const t = useWords();
  const { session } = useStaff();
  const names = [user.email, user.username, user.nationalId].filter((name) => name !== null);
  return (
    <TableRow data-testid="person">
      <TableCell component="th" scope="row">
        {user.displayName}
        <Stack direction="row" sx={{ flexWrap: "wrap", gap: 0.5 }}>
          {user.blockedAt !== null ? <Chip size="small" color="error" variant="outlined" label={t("staff.isBlocked")} /> : null}
          {user.mustChangePassword ? <Chip size="small" variant="outlined" label={t("staff.mustChange")} /> : null}
        </Stack>
      </TableCell>
      <TableCell sx={{ minWidth: 180, overflowWrap: "anywhere" }}>{names.map((name) => <div key={name}>{name}</div>)}</TableCell>
      <TableCell>{user.roles.map((role) => <Chip key={role} size="small" label={t(`role.${role}`)} sx={{ mr: 0.5 }} />)}</TableCell>
      <TableCell><Instant at={user.createdAt} show="yearDate" /></TableCell>
      <TableCell>
        <Stack direction="row" sx={{ flexWrap: "wrap" }}>
          <Button size="small" onClick={onEdit} aria-label={t("staff.editWhom", { name: user.displayName })}>{t("action.edit")}</Button>
          {user.id === session.userId ? null : (
            <Button size="small" color={user.blockedAt === null ? "error" : "primary"} onClick={onBlock} aria-label={t(user.blockedAt === null ? "staff.blockWhom" : "staff.unblockWhom", { name: user.displayName })}>
              {t(user.blockedAt === null ? "staff.block" : "staff.unblock")}
            </Button>
          )}
        </Stack>
      </TableCell>
    </TableRow>
  );
}

function Block({ user, onClose }: { readonly user: UserShown; readonly onClose: () => void }) {
  const t = useWords();
  const isBlocked = user.blockedAt !== null;
  const act = useAct(isBlocked ? "post /users/{id}/unblock" : "post /users/{id}/block", { changes: ["get /users"], onDone: onClose });
  return (
    <ConfirmDialog
      title={t(isBlocked ? "staff.unblockWhom" : "staff.blockWhom", { name: user.displayName })} action={t(isBlocked ? "staff.unblock" : "staff.block")} isGrave={!isBlocked} isWorking={act.isPending}
      onConfirm={() => act.mutate({ path: { id: user.id } })} onClose={onClose}
    >
      <p>{t(isBlocked ? "staff.unblockLead" : "staff.blockLead")}</p>
    </ConfirmDialog>
  );
}

function Invitations() {
  const t = useWords();
  const query = useOperation("get /invitations", {});
  const withdraw = useAct("delete /invitations/{id}", { changes: ["get /invitations"] });
  return (
    <section>
      <Typography variant="h6" component="h2" sx={{ mt: 4, mb: 1 }}>{t("staff.invitations")}</Typography>
      <Loaded query={query}>
        {({ data }) => {
          const waiting = data.filter(({ acceptedAt, withdrawnAt }) => acceptedAt === null && withdrawnAt === null);
          if (waiting.length === 0) return <Empty text={t("staff.noInvitations")} />;
          return (
            <ScrollTable label={t("staff.invitations")} columns={[t("staff.forWhom"), t("staff.roles"), t("staff.until"), t("administration.actions")]}>
              {waiting.map((invitation) => (
                <TableRow key={invitation.id}>
                  <TableCell component="th" scope="row">{invitation.email ?? t("staff.byNationalId")}</TableCell>
                  <TableCell>{invitation.roles.map((role) => t(`role.${role}`)).join(", ")}</TableCell>
                  <TableCell><Instant at={invitation.expiresAt} /></TableCell>
                  <TableCell><Button size="small" color="error" disabled={withdraw.isPending} onClick={() => withdraw.mutate({ path: { id: invitation.id } })}>{t("staff.withdraw")}</Button></TableCell>
                </TableRow>
              ))}
            </ScrollTable>
          );
        }}
      </Loaded>
    </section>
  );
}
