/** All accounts of the organization: found by role, state or a text, blocked and let in again. Who is searched for is in this page's memory alone. */
import { type FormEvent, useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import ActiveIcon from "@mui/icons-material/CheckCircleOutlined";
import BlockedIcon from "@mui/icons-material/Block";
import type { Role, UserShown } from "#web/client/operations.d.ts";
import { useOperation } from "../../data/queries.ts";
import { useFormatter, useWords } from "../../messages/words.ts";
import { Instant } from "../../parts/Instant.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { type Account, useBlocking } from "../../parts/use-blocking.tsx";
import { useStaff } from "../../session/staff.ts";
import { Choice } from "../parts/Choice.tsx";
import { Empty } from "../parts/Empty.tsx";
import { PagedTable } from "../parts/PagedTable.tsx";
import { ScrollTable } from "../parts/ScrollTable.tsx";
import { usePages } from "../parts/use-pages.ts";

const ROLES = ["patient", "follower", "clinician", "admin"] as const satisfies readonly Role[];

interface Asked {
  readonly role: Role | "any";
  readonly state: "any" | "active" | "blocked";
}

interface ListProps {
  readonly asked: Asked;
  readonly onBlock: (account: Account) => void;
}

export function Accounts() {
  const t = useWords();
  const [asked, setAsked] = useState<Asked>({ role: "any", state: "any" });
  const [text, setText] = useState("");
  const { ask, parts } = useBlocking();
  return (
    <>
      <PageTitle title={t("accounts.title")} sub={t("accounts.lead")} />
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, alignItems: "flex-start", mb: 2 }}>
        <Search text={text} onSearch={setText} />
        <Choice label={t("accounts.role")} value={asked.role} onChange={(role) => setAsked({ ...asked, role })} testId="accounts-role" choices={[["any", t("accounts.anyRole")], ...ROLES.map((role) => [role, t(`role.${role}`)] as const)]} />
        <Choice
          label={t("accounts.state")} value={asked.state} onChange={(state) => setAsked({ ...asked, state })} testId="accounts-state"
          choices={[["any", t("accounts.anyState")], ["active", t("accounts.active")], ["blocked", t("accounts.blocked")]]}
        />
      </Box>
      {text === "" ? <All asked={asked} onBlock={ask} /> : <Found text={text} asked={asked} onBlock={ask} />}
      {parts}
    </>
  );
}

function Search({ text, onSearch }: { readonly text: string; readonly onSearch: (text: string) => void }) {
  const t = useWords();
  const [typed, setTyped] = useState(text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(typed.trim());
  };
  return (
    <Box component="search" sx={{ flexGrow: 1, maxWidth: "44rem" }}>
      <Box component="form" onSubmit={submit} sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "flex-start" }}>
        <TextField
          type="search" size="small" label={t("accounts.search")} helperText={t("accounts.searchHelp")} value={typed} onChange={(event) => setTyped(event.target.value)} margin="none" sx={{ flex: "1 1 14rem" }}
          slotProps={{ htmlInput: { maxLength: 100, autoComplete: "off", "data-testid": "accounts-search" } }}
        />
        <Button type="submit">{t("accounts.searchButton")}</Button>
        {text === "" ? null : (
          <Button onClick={() => {
            setTyped("");
            onSearch("");
          }}>{t("accounts.clear")}</Button>
        )}
      </Box>
    </Box>
  );
}

function useColumnWords(): readonly string[] {
  const t = useWords();
  return [t("staff.name"), t("accounts.state"), t("staff.signIn"), t("staff.roles"), t("staff.since"), t("administration.actions")];
}

function All({ asked: { role, state }, onBlock }: ListProps) {
  const t = useWords();
  const columns = useColumnWords();
  const query = { ...(role === "any" ? {} : { role }), ...(state === "any" ? {} : { blocked: state === "blocked" ? ("true" as const) : ("false" as const) }) };
  const pages = usePages("get /users", { query });
  return <PagedTable pages={pages} label={t("accounts.title")} columns={columns} empty={t("accounts.none")} renderRow={(user) => <Line key={user.id} user={user} onBlock={onBlock} />} />;
}

function Found({ text, asked: { role, state }, onBlock }: ListProps & { readonly text: string }) {
  const t = useWords();
  const f = useFormatter();
  const columns = useColumnWords();
  const query = useOperation("post /users/search", { body: { text, ...(role === "any" ? {} : { role }), ...(state === "any" ? {} : { isBlocked: state === "blocked" }) } });
  return (
    <Loaded query={query}>
      {({ data, nextCursor }) => data.length === 0 ? <Empty text={t("accounts.none")} /> : (
        <>
          <ScrollTable label={t("accounts.title")} columns={columns}>{data.map((user) => <Line key={user.id} user={user} onBlock={onBlock} />)}</ScrollTable>
          {nextCursor === null ? null : <Alert severity="info" sx={{ mt: 1 }}>{t("accounts.first", { count: f.number(data.length) })}</Alert>}
        </>
      )}
    </Loaded>
  );
}

function Line({ user, onBlock }: { readonly user: UserShown; readonly onBlock: (account: Account) => void }) {
  const t = useWords();
  const { session } = useStaff();
  const isBlocked = user.blockedAt !== null;
  const names = [user.email, user.username, user.nationalId].filter((name) => name !== null);
  return (
    <TableRow data-testid="account">
      <TableCell component="th" scope="row">{user.displayName}</TableCell>
      <TableCell>
        <Chip size="small" variant="outlined" color={isBlocked ? "error" : "default"} icon={isBlocked ? <BlockedIcon /> : <ActiveIcon />} label={t(isBlocked ? "accounts.blocked" : "accounts.active")} />
      </TableCell>
      <TableCell>{names.map((name) => <div key={name}>{name}</div>)}</TableCell>
      <TableCell>{user.roles.map((role) => t(`role.${role}`)).join(", ")}</TableCell>
      <TableCell><Instant at={user.createdAt} show="date" /></TableCell>
      <TableCell>
        {user.id === session.userId ? null : (
          <Button
            size="small" sx={{ whiteSpace: "nowrap" }} color={isBlocked ? "primary" : "error"} aria-label={t(isBlocked ? "accounts.unblockWhom" : "accounts.blockWhom", { name: user.displayName })}
            onClick={() => onBlock({ userId: user.id, name: user.displayName, isBlocked })}
          >
            {t(isBlocked ? "accounts.unblock" : "accounts.block")}
          </Button>
        )}
      </TableCell>
    </TableRow>
  );
}
