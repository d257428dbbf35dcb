/** One request beside the board, with an address and a heading of its own: the board is not there for a screen reader meanwhile. */
import { useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Drawer from "@mui/material/Drawer";
import IconButton from "@mui/material/IconButton";
import Typography from "@mui/material/Typography";
import CloseIcon from "@mui/icons-material/Close";
import { useNavigate, useParams } from "react-router-dom";
import { useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { Files, History, PatientDetails, Resolutions, Section } from "./Details.tsx";
import { CallNow, Motives } from "./Motives.tsx";
import { buttonsOf, type ButtonMove } from "./RequestCard.tsx";
import { ResolutionForm } from "./ResolutionForm.tsx";
import type { Line, Whole } from "./types.ts";

export interface RequestDrawerProps {
  /** Where it closes to: the board unless told. */
  readonly backTo?: string;
  /** Whether it is beside the patient's own page, which then needs no way to it. */
  readonly isOnPatient?: boolean;
  readonly onMove: (move: ButtonMove, line: Pick<Line, "id" | "displayName" | "version" | "priority">) => void;
}

export function RequestDrawer({ backTo = "/appointments", isOnPatient = false, onMove }: RequestDrawerProps) {
  const t = useWords();
  const navigate = useNavigate();
  const { appointmentId = "" } = useParams();
  const query = useOperation("get /appointments/{appointmentId}", { path: { appointmentId } });
  const close = (): void => void navigate(backTo);
  return (
    <Drawer anchor="right" open onClose={close} slotProps={{ paper: { sx: { width: { xs: "100%", sm: 560 }, p: 2 }, role: "dialog", "aria-labelledby": "request-title" } }}>
      <Box sx={{ display: "flex", alignItems: "center", justifyContent: "space-between", gap: 1, mb: 1 }}>
        <Typography variant="h5" component="h1" id="request-title" sx={{ overflowWrap: "anywhere" }}>{query.data?.id === appointmentId ? t("appointments.request", { name: query.data.displayName }) : t("appointments.title")}</Typography>
        <IconButton onClick={close} aria-label={t("action.close")} data-testid="request-close"><CloseIcon /></IconButton>
      </Box>
      <Loaded query={query}>{(request) => <Request key={request.id} request={request} isOnPatient={isOnPatient} onMove={onMove} />}</Loaded>
    </Drawer>
  );
}

function Request({ request, isOnPatient, onMove }: Pick<RequestDrawerProps, "isOnPatient" | "onMove"> & { readonly request: Whole }) {
  const t = useWords();
  const [isWriting, setWriting] = useState(false);
  const { state, priorityReason } = request;
  const buttons = buttonsOf(state);
  const writes = buttons.find((move) => move === "resolve" || move === "revise");
  return (
    <Box sx={{ display: "grid", gap: 2.5, minWidth: 0 }} data-testid="request-whole">
      <CallNow {...request} />
      <Box sx={{ display: "grid", gap: 1 }}>
        <Typography>{t(`appointments.state.${state}`)}{request.position === null ? "" : ` · ${t("appointments.position", { position: request.position })}`}</Typography>
        <Motives {...request} />
        <Typography variant="body2">{`${t("appointments.priority")}: ${t(`appointments.priority.${request.priority}`)}${priorityReason ? ` · ${priorityReason}` : ""}`}</Typography>
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
          {buttons.filter((move) => move !== writes).map((move) => (
            <Button key={move} size="small" variant={move === "accept" ? "contained" : "outlined"} onClick={() => onMove(move, request)} data-testid={`open-${move}`}>{t(`appointments.move.${move}`)}</Button>
          ))}
          {isOnPatient ? null : <Button size="small" href={`/office/patients/${request.patientId}`}>{t("appointments.toPatient")}</Button>}
        </Box>
      </Box>
      <Section title={t("appointments.details")}><PatientDetails details={request.details} /></Section>
      <Section title={t("appointments.controlData")}><Files id={request.id} controlData={request.controlData} /></Section>
      {request.resolutions.length > 0 || writes ? (
        <Section title={t("appointments.resolution")}>
          <Resolutions resolutions={request.resolutions} />
          {writes === "resolve" || isWriting ? <ResolutionForm request={request} onDone={() => setWriting(false)} /> : null}
          {writes === "revise" && !isWriting ? <Button sx={{ justifySelf: "start" }} onClick={() => setWriting(true)} data-testid="open-revise">{t("appointments.move.revise")}</Button> : null}
        </Section>
      ) : null}
      <Section title={t("appointments.history")}><History history={request.history} /></Section>
    </Box>
  );
}
