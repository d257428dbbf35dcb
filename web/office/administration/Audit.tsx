/** Who did what to whose data: searched, and whether the log is what was written. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useOperation } from "../data/queries.ts";
import { useWords, type Words } from "../messages/words.ts";
import { Instant } from "../parts/Instant.tsx";
import { Loaded } from "../parts/Loaded.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { auditQuery, NO_FILTER, type AuditFilter } from "./audit-filter.ts";
import { Choice } from "./parts/Choice.tsx";
import { PagedTable } from "./parts/PagedTable.tsx";
import { usePages } from "./parts/use-pages.ts";

export function Audit() {
  const t = useWords();
  const [filter, setFilter] = useState<AuditFilter>(NO_FILTER);
  const [asked, setAsked] = useState<AuditFilter>(NO_FILTER);
  const pages = usePages("get /audit", { query: auditQuery(asked) });
  return (
    <>
      <PageTitle title={t("audit.title")} sub={t("audit.lead")} />
      <Chain />
      <Filters
        filter={filter} onFilter={setFilter} onSearch={() => setAsked(filter)}
        onReset={() => {
          setFilter(NO_FILTER);
          setAsked(NO_FILTER);
        }}
      />
      <PagedTable
        pages={pages} label={t("audit.title")} empty={t("audit.none")} columns={[t("audit.at"), t("audit.who"), t("audit.action"), t("audit.outcome"), t("audit.patient"), t("audit.object"), t("audit.from")]}
        renderRow={(line) => (
          <TableRow key={line.id} data-testid="audit-line">
            <TableCell sx={{ whiteSpace: "nowrap" }}><Instant at={line.at} show="full" /></TableCell>
            <TableCell sx={{ minWidth: 130 }}>{line.actor.name ?? line.actor.kind ?? "–"}{line.actor.roles.length > 0 ? <Typography variant="body2" color="textSecondary">{line.actor.roles.map((role) => roleWords(t, role)).join(", ")}</Typography> : null}</TableCell>
            <TableCell><code>{line.action}</code></TableCell>
            <TableCell><Chip size="small" variant="outlined" color={line.outcome === "done" ? "default" : "warning"} label={t(`audit.${line.outcome}`)} /></TableCell>
            <TableCell>{line.patientId === null ? "–" : <Button size="small" onClick={() => { const next = { ...NO_FILTER, patient: line.patientId! }; setFilter(next); setAsked(next); }}>{line.patientId.slice(0, 8)}</Button>}</TableCell>
            <TableCell>{[line.objectType, line.objectId?.slice(0, 40)].filter((word) => word != null).join(" ") || "–"}</TableCell>
            <TableCell>{[line.network, line.agent].filter((word) => word !== null).join(" · ") || "–"}</TableCell>
          </TableRow>
        )}
      />
    </>
  );
}

const ROLES = ["patient", "clinician", "admin", "follower"] as const;

/** The role's own word; what the log calls otherwise stays as it is written there. */
function roleWords(t: Words, role: string): string {
  const known = ROLES.find((each) => each === role);
  return known ? t(`role.${known}`) : role;
}

interface FiltersProps {
  readonly filter: AuditFilter;
  readonly onFilter: (filter: AuditFilter) => void;
  readonly onSearch: () => void;
  readonly onReset: () => void;
}

function Filters({ filter, onFilter, onSearch, onReset }: FiltersProps) {
  const t = useWords();
  const field = (name: "action" | "actor" | "patient" | "from" | "to", type?: string) => (
    <TextField
      fullWidth={false} margin="none" size="small" label={t(`audit.filter.${name}`)} value={filter[name]} type={type ?? "text"} onChange={(event) => onFilter({ ...filter, [name]: event.target.value })}
      slotProps={{ htmlInput: { "data-testid": `audit-${name}` }, ...(type ? { inputLabel: { shrink: true } } : {}) }}
    />
  );
  return (
    <Box
      component="form" aria-label={t("audit.search")} sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, my: 2, alignItems: "flex-start" }}
      onSubmit={(event) => {
        event.preventDefault();
        onSearch();
      }}
    >
      {field("action")}
      <Choice label={t("audit.outcome")} value={filter.outcome} onChange={(outcome) => onFilter({ ...filter, outcome })} choices={[["any", t("audit.any")], ["done", t("audit.done")], ["refused", t("audit.refused")], ["failed", t("audit.failed")]]} />
      {field("from", "datetime-local")}
      {field("to", "datetime-local")}
      {field("patient")}
      {field("actor")}
      <Button type="submit" variant="contained" data-testid="audit-search">{t("audit.search")}</Button>
      <Button onClick={onReset}>{t("audit.reset")}</Button>
    </Box>
  );
}

function Chain() {
  const t = useWords();
  const query = useOperation("get /audit/chain", {}, { staleMs: 60_000 });
  return (
    <Loaded query={query} skeleton={<Alert severity="info">{t("audit.checking")}</Alert>}>
      {({ isWhole, links, findings, checkedSince }) => (
        <Alert severity={isWhole ? "success" : "error"} data-testid="chain">
          {isWhole ? t("audit.whole", { smart_count: links }) : t("audit.broken", { smart_count: findings.length })} {t("audit.checkedSince")} <Instant at={checkedSince} show="full" />.
          {isWhole ? null : <ul>{findings.slice(0, 10).map((finding) => <li key={`${finding.kind} ${finding.entryId ?? finding.detail}`}>{finding.kind}{finding.entryId === null ? "" : ` ${finding.entryId}`}: {finding.detail}</li>)}</ul>}
        </Alert>
      )}
    </Loaded>
  );
}
