/** How many requests wait in which state, and how full the queue is. */
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { Panel } from "../patient/Panel.tsx";
import { Lines, SHORT } from "./Lines.tsx";

export function Queue() {
  const t = useWords();
  const f = useFormatter();
  const query = useOperation("get /appointment-queue", {});
  return (
    <Panel title={t("today.appointments")} testId="today-appointments">
      <Loaded query={query} skeleton={SHORT}>
        {({ active, capacity, byState }) => (
          <>
            <Lines lines={[{ name: t("today.created"), count: byState.created }, { name: t("today.pending"), count: byState.pending }, { name: t("today.accepted"), count: byState.accepted }]} />
            <Typography variant="body2" color="textSecondary" sx={{ my: 1 }}>{t("today.queue", { active: f.number(active), capacity: f.number(capacity) })}</Typography>
            <Button size="small" component={RouterLink} to="/appointments">{t("today.toAppointments")}</Button>
          </>
        )}
      </Loaded>
    </Panel>
  );
}
