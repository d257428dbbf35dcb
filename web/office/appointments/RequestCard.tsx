/** One request on the board. Its buttons are the moves that the state machine allows a clinician. */
import Button from "@mui/material/Button";
import Card from "@mui/material/Card";
import CardActions from "@mui/material/CardActions";
import CardContent from "@mui/material/CardContent";
import Chip from "@mui/material/Chip";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import FileIcon from "@mui/icons-material/AttachFile";
import PriorityIcon from "@mui/icons-material/PriorityHigh";
import { Link as RouterLink } from "react-router-dom";
import { movesFor, type Move } from "#clinic/appointments/state-machine.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { CallNow, Motives } from "./Motives.tsx";
import { ageSeconds, type Line } from "./types.ts";

/** Moves that have a button, in their order; the others are the patient's and time's. */
export const BUTTONS = ["accept", "resolve", "revise", "deny", "prioritize"] as const satisfies readonly Move[];
export type ButtonMove = (typeof BUTTONS)[number];

/** What a clinician may do with it now. */
export function buttonsOf(state: Line["state"]): ButtonMove[] {
  const moves: readonly Move[] = movesFor(state, "clinician");
  return BUTTONS.filter((move) => moves.includes(move));
}

export interface RequestCardProps {
  readonly line: Line;
  readonly nowMs: number;
  readonly isWorking?: boolean;
  /** Where it opens: on the board unless told. */
  readonly to?: string;
  /** What the link says: whose it is unless told, which a patient's own page knows. */
  readonly title?: string;
  readonly onMove: (move: ButtonMove, line: Line) => void;
}

export function RequestCard({ line, nowMs, isWorking = false, to, title, onMove }: RequestCardProps) {
  const t = useWords();
  const f = useFormatter();
  const { id, displayName, state, priority, position, requestedAt, stateSince, handledBy, files } = line;
  const since = LINE_AGE.has(state) ? requestedAt : stateSince;
  return (
    <Card component="article" variant="outlined" aria-label={t("appointments.request", { name: displayName })} data-testid="request" data-state={state} sx={line.isEmergency ? { borderColor: "error.main", borderWidth: 2 } : {}}>
      <CardContent sx={{ pb: 1, display: "grid", gap: 1 }}>
        <CallNow {...line} />
        <div>
          <Link component={RouterLink} to={to ?? `/appointments/${id}`} sx={{ fontWeight: 650, overflowWrap: "anywhere", display: "inline-block", minHeight: 24 }}>{title ?? displayName}</Link>
          <Typography variant="body2" color="text.secondary">
            <time dateTime={since} title={f.dateTime(Date.parse(since))}>{f.ago(ageSeconds(since, nowMs))}</time>
            {position === null ? null : ` · ${t("appointments.position", { position })}`}
          </Typography>
        </div>
        <Motives {...line} />
        {priority === "normal" ? null : <Chip size="small" color="warning" variant="outlined" icon={<PriorityIcon />} label={`${t("appointments.priority")}: ${t(`appointments.priority.${priority}`)}`} sx={{ justifySelf: "start" }} />}
        {files > 0 ? <Chip size="small" variant="outlined" icon={<FileIcon />} label={t("appointments.files", { smart_count: files })} sx={{ justifySelf: "start" }} /> : null}
        {handledBy ? <Typography variant="body2" color="text.secondary">{t("appointments.handledBy", { name: handledBy.displayName })}</Typography> : null}
      </CardContent>
      <CardActions sx={{ flexWrap: "wrap" }}>
        {buttonsOf(state).map((move) => (
          <Button key={move} size="small" variant={move === "accept" || move === "resolve" ? "contained" : "text"} disabled={isWorking} onClick={() => onMove(move, line)} data-testid={`move-${move}`}
            aria-label={`${t(`appointments.move.${move}`)}: ${displayName}`}>
            {t(`appointments.move.${move}`)}
          </Button>
        ))}
      </CardActions>
    </Card>
  );
}

/** What waits is as old as the request; what has ended is as old as its end. */
const LINE_AGE: ReadonlySet<Line["state"]> = new Set(["pending", "accepted", "created"]);
