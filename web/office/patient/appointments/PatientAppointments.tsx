/** Every request of this patient, the newest first, each opened beside the list with the moves that a clinician has. docs/appointments.md. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { Route, Routes, useLocation, useNavigate } from "react-router-dom";
import { useNow } from "#web/portal/data.tsx";
import { usePages } from "../../administration/parts/use-pages.ts";
import { seen, useQueueAct } from "../../appointments/acts.ts";
import { DenyDialog, PriorityDialog } from "../../appointments/MoveDialogs.tsx";
import { type ButtonMove, RequestCard } from "../../appointments/RequestCard.tsx";
import { RequestDrawer, type RequestDrawerProps } from "../../appointments/RequestDrawer.tsx";
import { useWords } from "../../messages/words.ts";
import { useErrorWords } from "../../parts/error-words.ts";
import { useStaff } from "../../session/staff.ts";
import { usePatient } from "../patient.ts";

const PAGE = 20;
const MINUTE_MS = 60_000;
const GRID = { display: "grid", gap: 1.5, alignItems: "start", gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "repeat(2, minmax(0, 1fr))", xl: "repeat(3, minmax(0, 1fr))" } } as const;

type Asked = Parameters<RequestDrawerProps["onMove"]>[1];

export function PatientAppointments() {
  const t = useWords();
  const { isClinician } = useStaff();
  return isClinician ? <Requests /> : <Alert severity="info">{t("appointments.adminOnly")}</Alert>;
}

function Requests() {
  const { patientId } = usePatient();
  const navigate = useNavigate();
  const { search } = useLocation();
  const below = `/patients/${patientId}/appointments`;
  const openAt = (id: string): string => `${below}/${id}${search}`;
  const [asking, setAsking] = useState<{ readonly move: "deny" | "prioritize"; readonly line: Asked } | null>(null);
  const accept = useQueueAct("post /appointments/{appointmentId}/accept", "appointments.accepted");
  const onMove = (move: ButtonMove, line: Asked): void => {
    if (move === "accept") accept.mutate({ path: { appointmentId: line.id }, ...seen(line.version) });
    else if (move === "deny" || move === "prioritize") setAsking({ move, line });
    else void navigate(openAt(line.id));
  };
  return (
    <>
      <List isWorking={accept.isPending} openAt={openAt} onMove={onMove} />
      <Routes><Route index element={null} /><Route path=":appointmentId" element={<RequestDrawer backTo={`${below}${search}`} isOnPatient onMove={onMove} />} /></Routes>
      {asking?.move === "deny" ? <DenyDialog line={asking.line} onClose={() => setAsking(null)} /> : null}
      {asking?.move === "prioritize" ? <PriorityDialog line={asking.line} onClose={() => setAsking(null)} /> : null}
    </>
  );
}

interface ListProps {
  readonly isWorking: boolean;
  readonly openAt: (id: string) => string;
  readonly onMove: RequestDrawerProps["onMove"];
}

function List({ isWorking, openAt, onMove }: ListProps) {
  const t = useWords();
  const { patientId, f } = usePatient();
  const errorWords = useErrorWords();
  const nowMs = useNow(MINUTE_MS);
  const { lines, error, hasMore, isLoadingMore, more, again } = usePages("get /appointments", { query: { patientId, state: "all", limit: PAGE } });
  const failed = error ? <Alert severity="error" action={<Button color="inherit" size="small" onClick={again}>{t("state.retry")}</Button>} sx={{ mb: 2 }}>{errorWords(error)}</Alert> : null;
  if (lines === undefined) return failed ?? <Box sx={GRID} data-testid="skeleton">{[0, 1].map((each) => <Skeleton key={each} variant="rounded" height={170} />)}</Box>;
  return (
    <>
      {failed}
      {lines.length === 0 ? <Alert severity="info" data-testid="no-requests">{t("patient.appointmentsNone")}</Alert> : null}
      <Box sx={GRID} data-testid="patient-requests">
        {lines.map((line) => (
          <Box key={line.id} sx={{ display: "grid", gap: 0.5, minWidth: 0 }}>
            <Typography component="h2" variant="subtitle2" color="textSecondary">{t(`appointments.state.${line.state}`)}{line.state === "denied" && line.denialReason ? `: ${line.denialReason}` : ""}</Typography>
            <RequestCard line={line} nowMs={nowMs} isWorking={isWorking} to={openAt(line.id)} title={t("patient.appointmentOf", { date: f.yearDate(Date.parse(line.requestedAt)) })} onMove={onMove} />
          </Box>
        ))}
      </Box>
      {hasMore ? <Button onClick={more} loading={isLoadingMore} sx={{ mt: 2 }}>{t("appointments.more")}</Button> : null}
    </>
  );
}
