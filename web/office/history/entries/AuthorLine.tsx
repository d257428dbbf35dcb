/** Who wrote something, and when. */
import Typography from "@mui/material/Typography";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import type { Author } from "./entry.ts";

export function AuthorLine({ author, at }: { readonly author: Author | null; readonly at: string }) {
  const t = useWords();
  const { f } = usePatient();
  const ms = Date.parse(at);
  const name = author?.name ?? t("history.somebody");
  return (
    <Typography variant="caption" color="textSecondary" component="p" sx={{ m: 0 }}>
      {t(author?.isPatient ? "history.byPatient" : "history.by", { name })} · <time dateTime={at}>{f.yearDate(ms)} {f.time(ms)}</time>
    </Typography>
  );
}
