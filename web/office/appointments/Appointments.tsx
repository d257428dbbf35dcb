/** The appointment queue: how full it is, the line as a board, one request beside it. */
import { useEffect, useState } from "react";
import TextField from "@mui/material/TextField";
import { Route, Routes, useNavigate } from "react-router-dom";
import { useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { PageTitle } from "../parts/PageTitle.tsx";
import { useNow } from "../parts/use-now.ts";
import { useStaff } from "../session/staff.ts";
import { seen, useQueueAct } from "./acts.ts";
import { Board } from "./Board.tsx";
import { useClinicLive } from "./live.ts";
import { DenyDialog, PriorityDialog } from "./MoveDialogs.tsx";
import { QueuePanel } from "./QueuePanel.tsx";
import type { ButtonMove } from "./RequestCard.tsx";
import { RequestDrawer, type RequestDrawerProps } from "./RequestDrawer.tsx";

const TYPING_MS = 300;

export function Appointments() {
  const t = useWords();
  const { isClinician } = useStaff();
  useClinicLive();
  return (
    <>
      <PageTitle title={t("appointments.title")} sub={isClinician ? t("appointments.lead") : t("appointments.adminOnly")} />
      <QueuePanel />
      {isClinician ? <Line /> : null}
    </>
  );
}

type Asked = Parameters<RequestDrawerProps["onMove"]>[1];

function Line() {
  const t = useWords();
  const navigate = useNavigate();
  const nowMs = useNow();
  // What somebody looks for is a name: it stays out of the address.
  const [typed, setTyped] = useState("");
  const search = useSettled(typed.trim());
  const [asking, setAsking] = useState<{ readonly move: "deny" | "prioritize"; readonly line: Asked } | null>(null);
  const queue = useOperation("get /appointment-queue", {});
  const accept = useQueueAct("post /appointments/{appointmentId}/accept", "appointments.accepted");
  const onMove = (move: ButtonMove, line: Asked): void => {
    if (move === "accept") accept.mutate({ path: { appointmentId: line.id }, ...seen(line.version) });
    else if (move === "deny" || move === "prioritize") setAsking({ move, line });
    else void navigate(`/appointments/${line.id}`);
  };
  return (
    <>
      <TextField size="small" type="search" label={t("appointments.search")} value={typed} onChange={(event) => setTyped(event.target.value)} sx={{ mb: 2, maxWidth: "100%", width: 320 }} slotProps={{ htmlInput: { maxLength: 100, "data-testid": "appointments-search" } }} />
      <Board search={search} byState={queue.data?.byState} nowMs={nowMs} isWorking={accept.isPending} onMove={onMove} />
      <Routes><Route index element={null} /><Route path=":appointmentId" element={<RequestDrawer onMove={onMove} />} /></Routes>
      {asking?.move === "deny" ? <DenyDialog line={asking.line} onClose={() => setAsking(null)} /> : null}
      {asking?.move === "prioritize" ? <PriorityDialog line={asking.line} onClose={() => setAsking(null)} /> : null}
    </>
  );
}

/** The text once nobody types any more. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
