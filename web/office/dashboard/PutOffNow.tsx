/** Who is put off now: until when, why and by whom; each can be shown again at once. */
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { Panel } from "../patient/Panel.tsx";
import type { PatientLine } from "../patients/use-patients.ts";
import { SHORT } from "./Lines.tsx";

const FIRST = 10;

export interface PutOffNowProps {
  readonly count: number;
  readonly isWorking: boolean;
  readonly onShowAgain: (line: PatientLine) => void;
}

export function PutOffNow({ count, isWorking, onShowAgain }: PutOffNowProps) {
  const t = useWords();
  const f = useFormatter();
  const query = useOperation("get /clinic/patients", { query: { snoozed: "true", limit: FIRST } });
  return (
    <Panel title={`${t("dashboard.putOffNow")} (${f.number(count)})`} testId="put-off-now" aside={count > FIRST ? <Link component={RouterLink} to="/patients?snoozed=true">{t("today.showAll", { count: f.number(count) })}</Link> : undefined}>
      <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>{t("dashboard.putOffNowLead")}</Typography>
      <Loaded query={query} skeleton={SHORT}>
        {({ data }) => (
          <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1 }}>
            {data.map((line) => <One key={line.id} line={line} isWorking={isWorking} onShowAgain={onShowAgain} />)}
          </Box>
        )}
      </Loaded>
    </Panel>
  );
}

function One({ line, isWorking, onShowAgain }: Omit<PutOffNowProps, "count"> & { readonly line: PatientLine }) {
  const t = useWords();
  const f = useFormatter(line.zone);
  const { id, displayName, lastReview } = line;
  return (
    <Box component="li" sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "minmax(9rem, 1fr) minmax(0, 3fr) auto" }, gap: 1, alignItems: "center" }}>
      <Link component={RouterLink} to={`/patients/${id}`} sx={{ overflowWrap: "anywhere" }}>{displayName}</Link>
      {lastReview?.snooze ? (
        <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
          {t("patients.snoozedUntil", { date: f.date(Date.parse(lastReview.snooze.until)), reason: lastReview.snooze.reason })}{lastReview.reviewedByName === null ? "" : ` (${lastReview.reviewedByName})`}
        </Typography>
      ) : <span />}
      <Button size="small" disabled={isWorking} onClick={() => onShowAgain(line)} aria-label={`${t("dashboard.showAgain")}: ${displayName}`} data-testid="show-again" sx={{ justifySelf: "start" }}>{t("dashboard.showAgain")}</Button>
    </Box>
  );
}
