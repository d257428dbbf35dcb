/** A patient's last days beside the list, without leaving it: why listed, ranges and numbers, the days themselves, connections, tags, a text to copy, and the mark that somebody looked. */
import type { ReactNode } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Drawer from "@mui/material/Drawer";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import { useWords } from "../messages/words.ts";
import { BlockedChip, COLUMNS, FlagChips, RangesCell } from "./cells.tsx";
import { CopyOverview } from "./CopyOverview.tsx";
import { DrawerDays } from "./DrawerDays.tsx";
import type { PatientLine } from "./use-patients.ts";

const SHOWN = ["lastData", "lastValue", "timeInRange", "timeBelow", "veryLow", "timeAbove", "veryHigh", "tight", "mean", "gmi", "cv", "wear", "change", "lowEvents", "highEvents", "connection", "preset", "tags", "appointment", "lastReviewed"];

export interface OverviewDrawerProps {
  readonly line: PatientLine | null;
  readonly onClose: () => void;
  readonly onReviewed: (line: PatientLine) => void;
  readonly onPutOff: (line: PatientLine) => void;
}

export function OverviewDrawer({ line, ...acts }: OverviewDrawerProps) {
  const t = useWords();
  return (
    <Drawer anchor="right" open={line !== null} onClose={acts.onClose} slotProps={{ paper: { "aria-label": line ? t("patients.overview", { name: line.displayName }) : undefined, sx: { width: "min(100vw, 26rem)", p: 2 } } }} data-testid="overview">
      {line ? <Overview line={line} {...acts} /> : null}
    </Drawer>
  );
}

function Overview({ line, onClose, onReviewed, onPutOff }: OverviewDrawerProps & { readonly line: PatientLine }) {
  const t = useWords();
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <Typography component="h2" variant="h6">{line.displayName}</Typography>
      <Typography variant="body2" color="text.secondary">{t("patients.daysOption", { days: line.days })}</Typography>
      {line.account?.isBlocked ? <span><BlockedChip /></span> : null}
      {line.isBehind ? <Alert severity="info">{t("patients.behind")}</Alert> : null}
      <FlagChips line={line} />
      <RangesCell line={line} />
      <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "auto 1fr", columnGap: 2, rowGap: 0.75, m: 0 }}>
        {COLUMNS.filter(({ id }) => SHOWN.includes(id)).map(({ id, label, Cell }) => <Pair key={id} name={t(label)}><Cell line={line} /></Pair>)}
      </Box>
      <DrawerDays line={line} />
      <Button variant="contained" component={RouterLink} to={`/patients/${line.id}`}>{t("patients.openPage")}</Button>
      <Button variant="outlined" onClick={() => onReviewed(line)} data-testid="mark-reviewed">{t("patients.markReviewed")}</Button>
      {line.flags.some(({ group }) => group !== "onTarget") ? <Button variant="outlined" onClick={() => onPutOff(line)} data-testid="put-off">{t("dashboard.putOff")}</Button> : null}
      <CopyOverview key={line.id} line={line} />
      <Button onClick={onClose}>{t("action.close")}</Button>
    </Box>
  );
}

function Pair({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <Typography component="dt" variant="body2" color="text.secondary">{name}</Typography>
      <Typography component="dd" variant="body2" sx={{ m: 0 }}>{children}</Typography>
    </>
  );
}
