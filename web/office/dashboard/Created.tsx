/** Requests whose patients gave their details and wait for the clinic's answer: those of today, then those of earlier days. */
import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";
import { localDate } from "#units/time.ts";
import { CallNow, Motives } from "../appointments/Motives.tsx";
import { ageSeconds, type Line } from "../appointments/types.ts";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { useNow } from "../parts/use-now.ts";
import { Panel } from "../patient/Panel.tsx";
import { useStaff } from "../session/staff.ts";
import { SHORT } from "./Lines.tsx";

/** As many as the line is told at once. */
const MOST_READ = 100;
/** The rest is a click away. */
const MOST_SHOWN = { today: 6, earlier: 4 } as const;

/** Those that came in on the viewer's own day, and the others; each in the order of the line. */
export function byDay(lines: readonly Line[], zone: string, nowMs: number): Readonly<Record<keyof typeof MOST_SHOWN, readonly Line[]>> {
  const today = localDate(zone, nowMs);
  const isToday = ({ stateSince }: Line): boolean => localDate(zone, Date.parse(stateSince)) === today;
  return { today: lines.filter(isToday), earlier: lines.filter((line) => !isToday(line)) };
}

export function Created() {
  const t = useWords();
  const { session } = useStaff();
  const nowMs = useNow();
  const query = useOperation("get /appointments", { query: { state: "created", limit: MOST_READ } });
  return (
    <Panel title={t("today.created")} testId="today-created">
      <Loaded query={query} skeleton={SHORT}>
        {({ data, nextCursor }) => {
          const { today, earlier } = byDay(data, session.preferences.zone, nowMs);
          return (
            <>
              <Requests when="today" lines={today} nowMs={nowMs} />
              {earlier.length === 0 ? null : <Requests when="earlier" lines={earlier} nowMs={nowMs} />}
              {nextCursor === null ? null : <Typography variant="body2" color="textSecondary">{t("dashboard.firstOfLine", { count: MOST_READ })}</Typography>}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Requests({ when, lines, nowMs }: { readonly when: keyof typeof MOST_SHOWN; readonly lines: readonly Line[]; readonly nowMs: number }) {
  const t = useWords();
  const f = useFormatter();
  const more = lines.length - MOST_SHOWN[when];
  return (
    <Box sx={{ mb: 1.5 }} data-testid={`created-${when}`}>
      <Typography component="h3" variant="body2" sx={{ fontWeight: 650, mb: 0.5 }}>{t(`dashboard.${when}`)} ({f.number(lines.length)})</Typography>
      {lines.length === 0 ? <Typography variant="body2" color="textSecondary">{t("dashboard.noneToday")}</Typography> : (
        <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1.5 }}>
          {lines.slice(0, MOST_SHOWN[when]).map((line) => <Request key={line.id} line={line} nowMs={nowMs} />)}
        </Box>
      )}
      {more > 0 ? <Typography variant="body2" sx={{ mt: 1 }}><Link component={RouterLink} to="/appointments">{t("dashboard.more", { smart_count: more })}</Link></Typography> : null}
    </Box>
  );
}

function Request({ line, nowMs }: { readonly line: Line; readonly nowMs: number }) {
  const f = useFormatter();
  const { id, displayName, stateSince } = line;
  return (
    <Box component="li" sx={{ display: "grid", gap: 0.5 }} data-testid="created">
      <CallNow {...line} />
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "baseline" }}>
        <Link component={RouterLink} to={`/appointments/${id}`} sx={{ fontWeight: 650, overflowWrap: "anywhere", display: "inline-block", minHeight: 24 }}>{displayName}</Link>
        <Typography component="time" variant="body2" color="textSecondary" dateTime={stateSince} title={f.dateTime(Date.parse(stateSince))}>{f.ago(ageSeconds(stateSince, nowMs))}</Typography>
      </Box>
      <Motives {...line} />
    </Box>
  );
}
