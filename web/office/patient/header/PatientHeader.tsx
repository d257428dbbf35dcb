/** The head of a patient's page: who it is, by what right we see them, what is the case now, and what the numbers below are of. */
import Box from "@mui/material/Box";
import Alert from "@mui/material/Alert";
import Chip from "@mui/material/Chip";
import Paper from "@mui/material/Paper";
import { useFormatter, useWords } from "../../messages/words.ts";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { useStaff } from "../../session/staff.ts";
import { usePatient } from "../patient.ts";
import { Facts } from "./Facts.tsx";
import { LastReading } from "./LastReading.tsx";
import { PeriodPicker } from "./PeriodPicker.tsx";
import { ReportButton } from "./ReportButton.tsx";

export function PatientHeader({ hasPeriod, hasComparison }: { readonly hasPeriod: boolean; readonly hasComparison: boolean }) {
  const t = useWords();
  const { patient, zone } = usePatient();
  return (
    <Box component="header">
      <PageTitle title={patient.displayName} sub={t("shell.times", { zone: zone.replaceAll("_", " ") })}>
        <AccessChip />
        <ReportButton />
      </PageTitle>
      <EmergencyNote />
      <Facts />
      <Paper variant="outlined" sx={{ display: "flex", flexWrap: "wrap", gap: 2, justifyContent: "space-between", alignItems: "flex-start", p: 2, mb: 1 }}>
        <LastReading />
        {hasPeriod ? <PeriodPicker hasComparison={hasComparison} /> : null}
      </Paper>
    </Box>
  );
}

const SCOPES = { view: "patient.scopeView", upload: "patient.scopeUpload", manage: "patient.scopeManage" } as const;

function AccessChip() {
  const t = useWords();
  const { patient: { access }, f } = usePatient();
  if (access.kind === "break_glass") return null;
  const until = access.until === null ? "" : ` · ${t("patient.accessUntil", { date: f.date(Date.parse(access.until)) })}`;
  return <Chip size="small" variant="outlined" label={`${t(access.kind === "own" ? "patient.accessOwn" : SCOPES[access.scope])}${until}`} data-testid="access" />;
}

/** Whoever opened the page in an emergency is reminded of it, in their own time. */
function EmergencyNote() {
  const t = useWords();
  const { patient: { access } } = usePatient();
  const { session } = useStaff();
  const f = useFormatter(session.preferences.zone);
  if (access.kind !== "break_glass" || access.until === null) return null;
  return <Alert severity="warning" sx={{ mb: 1 }} data-testid="emergency-note">{t("patient.emergencyNote", { time: f.dateTime(Date.parse(access.until)) })}</Alert>;
}
