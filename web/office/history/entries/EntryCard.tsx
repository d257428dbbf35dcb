/** One entry of the clinical history, with who wrote it and what can be done. */
import type { ReactNode } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { AuthorLine } from "./AuthorLine.tsx";
import type { EntryLine, EntryView } from "./entry.ts";

export const STATUS_WORDS: Readonly<Record<string, MessageKey>> = {
  active: "history.statusActive", remission: "history.statusRemission", resolved: "history.statusResolved", paused: "history.statusPaused", stopped: "history.statusStopped", inactive: "history.statusInactive",
};

export interface EntryCardProps<Line extends EntryLine> {
  readonly line: Line;
  readonly view: EntryView<Line>;
  readonly beside?: ReactNode;
  readonly onVersions: () => void;
  /** Absent for whoever may only look. */
  readonly onChange?: () => void;
  readonly onStrike?: () => void;
  readonly onRestore?: () => void;
}

export function EntryCard<Line extends EntryLine>({ line, view, beside, onVersions, onChange, onStrike, onRestore }: EntryCardProps<Line>) {
  const t = useWords();
  const { f } = usePatient();
  const isStruck = line.enteredInErrorAt !== null;
  const heading = view.heading(line, t);
  /** What is seen, and of which entry it is: there are many such buttons. */
  const named = (action: string): string => `${action}: ${heading}`;
  const status = line.status === null ? null : STATUS_WORDS[line.status];
  return (
    <Paper component="li" variant="outlined" sx={{ p: 1.5, minWidth: 0 }} data-testid="entry">
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.75, alignItems: "center" }}>
        <Typography component="h3" sx={{ fontWeight: 650, overflowWrap: "anywhere", whiteSpace: "pre-line", ...(isStruck ? { textDecoration: "line-through" } : {}) }}>{heading}</Typography>
        {status ? <Chip size="small" label={t(status)} variant={line.status === "active" ? "filled" : "outlined"} /> : null}
        {line.isPinned ? <Chip size="small" label={t("history.pinned")} /> : null}
        {line.audience === "care_team" ? <Chip size="small" variant="outlined" label={t("history.forTeam")} /> : null}
        {line.isSelfReported ? <Chip size="small" variant="outlined" label={t("history.saidByPatient")} /> : null}
        {isStruck ? <Chip size="small" color="warning" label={t("history.enteredInError")} /> : null}
      </Box>
      {view.facts(line, t, f).filter((fact) => fact !== null && fact !== "").map((fact) => <Typography key={fact} variant="body2" sx={{ overflowWrap: "anywhere", whiteSpace: "pre-line" }}>{fact}</Typography>)}
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", justifyContent: "space-between", gap: 0.5, mt: 0.5 }}>
        <AuthorLine author={line.changedBy} at={line.changedAt} />
        <Box sx={{ display: "flex", flexWrap: "wrap" }}>
          {beside}
          <Button size="small" onClick={onVersions} aria-label={named(t("history.version", { version: line.version }))} data-testid="entry-versions">{t("history.version", { version: line.version })}</Button>
          {isStruck
            ? onRestore && <Button size="small" onClick={onRestore} aria-label={named(t("history.restore"))} data-testid="entry-restore">{t("history.restore")}</Button>
            : onChange && <Button size="small" onClick={onChange} aria-label={named(t("action.edit"))} data-testid="entry-change">{t("action.edit")}</Button>}
          {isStruck || !onStrike ? null : <Button size="small" color="error" onClick={onStrike} aria-label={named(t("history.strikeShort"))} data-testid="entry-strike">{t("history.strikeShort")}</Button>}
        </Box>
      </Box>
    </Paper>
  );
}
