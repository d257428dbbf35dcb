/** Says that a patient was marked as reviewed or put off, and takes it back. */
import Button from "@mui/material/Button";
import Snackbar from "@mui/material/Snackbar";
import { useFormatter, useWords } from "../messages/words.ts";
import type { Reviews } from "./use-reviews.ts";

export function ReviewDone({ reviews: { marked, forget, undo } }: { readonly reviews: Reviews }) {
  const t = useWords();
  const f = useFormatter(marked?.line.zone);
  const words = marked === null ? "" : marked.snooze === null ? t("patients.reviewed", { name: marked.line.displayName }) : t("dashboard.isPutOff", { name: marked.line.displayName, date: f.date(Date.parse(marked.snooze.until)) });
  return (
    <Snackbar
      open={marked !== null} autoHideDuration={10_000} onClose={(_event, reason) => (reason === "clickaway" ? undefined : forget())} message={words}
      action={<Button color="inherit" size="small" onClick={undo} data-testid="undo-review">{t("action.undo")}</Button>}
    />
  );
}
