/** Why nothing can be written here, and who can change that: for whoever may only look. */
import Alert from "@mui/material/Alert";
import { useWords } from "../messages/words.ts";
import { usePatient } from "../patient/patient.ts";

export function ViewOnly() {
  const t = useWords();
  const { patient } = usePatient();
  return patient.access.scope === "manage" ? null : <Alert severity="info" variant="outlined" sx={{ mb: 2 }} data-testid="view-only">{t("history.viewOnly")}</Alert>;
}
