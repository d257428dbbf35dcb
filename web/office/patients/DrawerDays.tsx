/** The last one or two weeks of a patient, a line a day, below one another: so that one sees at which hours the same happens again. */
import { useMemo } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { inUnit } from "#units/glucose.ts";
import { addDays, localDate, localDay } from "#units/time.ts";
import { Figure } from "#web/charts/Figure.tsx";
import type { Formatter } from "#web/language/format.ts";
import { useOperation } from "../data/queries.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { dayPath, type LocalDay, localDays } from "../patient/days/local-days.ts";
import type { PatientLine } from "./use-patients.ts";

const MOST_DAYS = 14;
const [WIDTH, HEIGHT] = [240, 30];
/** What a small curve shows, mg/dL; beyond stands at the edge. */
const [LOWEST, HIGHEST] = [40, 300];
/** Values stand for a quarter of an hour: longer than half an hour without one is a gap. */
const LONGEST_SHARE = 31 / 1440;

const yOf = (mgDl: number): number => HEIGHT - ((Math.min(Math.max(mgDl, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)) * HEIGHT;
const meanOf = ({ values }: LocalDay): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Nothing before the first whole day has passed. */
export function DrawerDays({ line }: { readonly line: PatientLine }) {
  return line.to === null ? null : <Days line={line} to={line.to} />;
}

/** The last of the days that the line's numbers are of. */
function windowOf({ days, zone }: PatientLine, to: string): { readonly from: string; readonly to: string } {
  const first = addDays(localDate(zone, Date.parse(to) - 1), 1 - Math.min(days, MOST_DAYS));
  // A date that the zone skipped has no beginning: the next one has.
  const day = localDay(zone, first) ?? localDay(zone, addDays(first, 1));
  return { from: new Date(day?.fromMs ?? Date.parse(first)).toISOString(), to };
}

function Days({ line, to }: { readonly line: PatientLine; readonly to: string }) {
  const t = useWords();
  const { id, zone } = line;
  const query = useOperation("get /patients/{patientId}/metrics", { path: { patientId: id }, query: { metrics: "glucose", resolution: "15m", ...windowOf(line, to) } }, { staleMs: 60_000 });
  const days = useMemo(() => {
    const series = query.data?.series.find(({ metric }) => metric === "glucose");
    return localDays(series?.times ?? [], series?.values ?? [], zone);
  }, [query.data, zone]);
  return (
    <Loaded query={query} skeleton={<Skeleton variant="rounded" height={Math.min(line.days, MOST_DAYS) * (HEIGHT + 6)} />}>
      {() => (days.length === 0 ? <Alert severity="info">{t("patients.daysNone")}</Alert> : <DaysFigure line={line} days={days} />)}
    </Loaded>
  );
}

function DaysFigure({ line, days }: { readonly line: PatientLine; readonly days: readonly LocalDay[] }) {
  const t = useWords();
  const f = useFormatter(line.zone);
  const { low, high } = line.target.thresholds[f.unit];
  return (
    <Figure
      heading={t("patients.daysHeading")} viewAsTable={t("patients.viewAsTable")} testId="drawer-days"
      summary={t("patients.daysSummary", { smart_count: days.length, low: f.glucose(low), high: f.glucoseWithUnit(high) })}
      table={{
        caption: t("patients.daysHeading"), columns: [t("patient.columnDay"), t("patient.mean"), t("patient.columnLowest"), t("patient.columnHighest")],
        rows: () => days.map((day) => [f.day(day.date), f.glucoseOfMgDl(meanOf(day)), f.glucoseOfMgDl(Math.min(...day.values)), f.glucoseOfMgDl(Math.max(...day.values))]),
      }}
    >
      <Box sx={{ display: "grid", gridTemplateColumns: "auto minmax(0, 1fr) auto", columnGap: 1, rowGap: 0.5, alignItems: "center", fontSize: "0.8125rem" }}>
        <Box component="span" sx={{ color: "text.secondary" }}>{t("patient.columnDay")}</Box>
        <Box component="span" sx={{ color: "text.secondary", display: "flex", justifyContent: "space-between" }}><span>00:00</span><span>12:00</span><span>24:00</span></Box>
        <Box component="span" sx={{ color: "text.secondary", textAlign: "right" }}>{t("patients.col.mean")}, {f.unit}</Box>
        {days.map((day) => <DayRow key={day.date} day={day} line={line} f={f} />)}
      </Box>
    </Figure>
  );
}

function DayRow({ day, line, f }: { readonly day: LocalDay; readonly line: PatientLine; readonly f: Formatter }) {
  const { low, high } = line.target.thresholds["mg/dL"];
  return (
    <>
      <span>{f.day(day.date)}</span>
      <Box
        component="svg" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden
        sx={{ display: "block", width: "100%", height: HEIGHT, "& rect": { fill: "var(--band-target)", opacity: 0.22 }, "& path": { fill: "none", stroke: "var(--text)", strokeWidth: 1.5, vectorEffect: "non-scaling-stroke" }, "& line": { stroke: "var(--text)", opacity: 0.15, vectorEffect: "non-scaling-stroke" } }}
      >
        <rect width={WIDTH} y={yOf(high)} height={yOf(low) - yOf(high)} />
        {[0.25, 0.5, 0.75].map((share) => <line key={share} x1={share * WIDTH} x2={share * WIDTH} y1={0} y2={HEIGHT} />)}
        <path d={dayPath(day, { xOf: (share) => share * WIDTH, yOf }, LONGEST_SHARE)} />
      </Box>
      <Box component="span" sx={{ textAlign: "right", whiteSpace: "nowrap" }}>{f.glucose(inUnit(meanOf(day), f.unit))}</Box>
    </>
  );
}
