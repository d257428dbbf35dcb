/** Every version of an entry, the newest first: what it said, who wrote it, when, and what was done. */
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Typography from "@mui/material/Typography";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ApiError } from "#web/client/errors.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { usePatient } from "../../patient/patient.ts";
import { AuthorLine } from "./AuthorLine.tsx";
import { STATUS_WORDS } from "./EntryCard.tsx";
import { STRIKE_WORDS, type EntryView, type VersionLine } from "./entry.ts";

const DEEDS: Readonly<Record<VersionLine["deed"], MessageKey>> = {
  written: "history.deedWritten", changed: "history.deedChanged", entered_in_error: "history.deedStruck", restored: "history.deedRestored",
};

export interface EntryVersionsProps<Version extends VersionLine> {
  readonly query: UseQueryResult<{ readonly data: readonly Version[] }, ApiError>;
  readonly view: Pick<EntryView<Version>, "heading" | "facts">;
  readonly onClose: () => void;
}

export function EntryVersions<Version extends VersionLine>({ query, view, onClose }: EntryVersionsProps<Version>) {
  const t = useWords();
  const { f } = usePatient();
  return (
    <Dialog open onClose={onClose} aria-labelledby="entry-versions" fullWidth maxWidth="sm">
      <DialogTitle id="entry-versions">{t("history.versions")}</DialogTitle>
      <DialogContent>
        <Loaded query={query}>
          {({ data }) => (
            <Box component="ol" reversed sx={{ m: 0, pl: 3, display: "grid", gap: 2 }}>
              {data.map((version) => (
                <li key={version.version} data-testid="version">
                  <Typography variant="body2" color="textSecondary">
                    {t(DEEDS[version.deed])}{version.errorReason === null ? "" : ` (${t(STRIKE_WORDS[version.errorReason])})`}{version.status === null ? "" : ` · ${t(STATUS_WORDS[version.status] ?? "history.statusActive")}`}
                  </Typography>
                  <Typography sx={{ fontWeight: 650, whiteSpace: "pre-line", overflowWrap: "anywhere" }}>{view.heading(version, t)}</Typography>
                  {view.facts(version, t, f).filter((fact) => fact !== null && fact !== "").map((fact) => <Typography key={fact} variant="body2" sx={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>{fact}</Typography>)}
                  <AuthorLine author={version.author} at={version.at} />
                </li>
              ))}
            </Box>
          )}
        </Loaded>
      </DialogContent>
      <DialogActions><Button onClick={onClose}>{t("action.close")}</Button></DialogActions>
    </Dialog>
  );
}
