/** Who looked at the patient's data: for those who manage for the patient. Others are told who may see it. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { Reply } from "#web/client/operation-client.ts";
import { useOperation } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { Instant } from "../../parts/Instant.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../Panel.tsx";
import { usePatient } from "../patient.ts";

type Access = Reply<"get /patients/{patientId}/accesses">["data"][number];

const PURPOSES = {
  care: "patient.purposeCare", support: "patient.purposeSupport", break_glass: "patient.purposeEmergency", own: "patient.purposeOwn", research: "patient.purposeResearch", account: "patient.purposeAccount",
  administration: "patient.purposeAdministration", system: "patient.purposeSystem",
} as const satisfies Record<NonNullable<Access["purpose"]>, MessageKey>;

export function Accesses() {
  const t = useWords();
  const { patient } = usePatient();
  // Asking in vain would stand in the patient's own log as an attempt.
  if (patient.access.scope !== "manage") return <Alert severity="info" data-testid="accesses-closed">{t("patient.accessesClosed")}</Alert>;
  return <Pages />;
}

function Pages() {
  const t = useWords();
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  const more = (cursor: string): void => setCursors([...cursors, cursor]);
  return (
    <Panel title={t("patient.tabAccesses")} testId="accesses">
      {cursors.map((cursor, index) => <Page key={cursor ?? "first"} cursor={cursor} isLast={index === cursors.length - 1} onMore={more} />)}
    </Panel>
  );
}

function Page({ cursor, isLast, onMore }: { readonly cursor: string | undefined; readonly isLast: boolean; readonly onMore: (cursor: string) => void }) {
  const t = useWords();
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/accesses", { path, query: { limit: 50, cursor } });
  return (
    <Loaded query={query} skeleton={<Skeleton variant="rounded" height={320} />}>
      {({ data, nextCursor }) => (
        <>
          {data.length === 0 ? <Alert severity="info">{t("patient.accessesNone")}</Alert> : <Lines lines={data} />}
          {isLast && nextCursor !== null ? <Button onClick={() => onMore(nextCursor)}>{t("shell.more")}</Button> : null}
        </>
      )}
    </Loaded>
  );
}

function Lines({ lines }: { readonly lines: readonly Access[] }) {
  const t = useWords();
  const { zone, f } = usePatient();
  return (
    <TableContainer component="section" tabIndex={0} aria-label={t("patient.tableOf", { name: t("patient.tabAccesses") })}>
      <Table size="small">
        <TableHead>
          <TableRow>{(["patient.columnWhen", "patient.columnWho", "patient.columnWhat", "patient.columnPurpose", "patient.columnTimes"] as const).map((key) => <TableCell key={key}>{t(key)}</TableCell>)}</TableRow>
        </TableHead>
        <TableBody>
          {lines.map(({ who, organization, what, purpose, first, last, times }) => (
            <TableRow key={`${who.id} ${first} ${what} ${purpose}`}>
              <TableCell component="th" scope="row" sx={{ whiteSpace: "nowrap" }}><Instant at={last} zone={zone} /></TableCell>
              <TableCell>{[who.isProgram ? t("patient.accessProgram", { name: who.name ?? "–" }) : (who.name ?? t("patient.accessUnknown")), organization].filter(Boolean).join(" · ")}</TableCell>
              <TableCell>{what}</TableCell>
              <TableCell>{purpose === null ? "–" : t(PURPOSES[purpose])}</TableCell>
              <TableCell align="right">{f.number(times)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
