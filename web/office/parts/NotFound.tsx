/** An address that leads nowhere. */
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { Link } from "react-router-dom";
import { useWords } from "../messages/words.ts";
import { PageTitle } from "./PageTitle.tsx";

export function NotFound() {
  const t = useWords();
  return (
    <>
      <PageTitle title={t("shell.notFound")} />
      <Typography sx={{ mb: 2 }}>{t("shell.notFoundLead")}</Typography>
      <Button variant="contained" component={Link} to="/">{t("shell.toToday")}</Button>
    </>
  );
}
