/** What a period of glucose amounts to: ranges, numbers, the profile of a day, parts of the day, and where it comes from. */
import { useMemo } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { localDate } from "#units/time.ts";
import { TimeInRange } from "#web/portal/parts/TimeInRange.tsx";
import { useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { PRESET_NAMES } from "../header/PeriodPicker.tsx";
import { Panel } from "../Panel.tsx";
import { usePatient, usePeriod } from "../patient.ts";
import { grouped, useSourceLabel } from "../sources.ts";
import { Parts } from "./Parts.tsx";
import { Profile } from "./Profile.tsx";
import { type Comparison, reasonKey, type Statistics, statisticLines } from "./statistic-lines.ts";
import { StatisticCards } from "./StatisticCards.tsx";

export function Summary() {
  const { path } = usePatient();
  const { query, isCompared } = usePeriod();
  const statistics = useOperation("get /patients/{patientId}/glucose/statistics", { path, query });
  const comparison = useOperation("get /patients/{patientId}/glucose/compare", { path, query }, { isEnabled: isCompared });
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Loaded query={statistics} skeleton={<Waiting />}>
        {(data) => (data.readings === 0 ? <Nothing /> : <Numbers statistics={data} comparison={isCompared ? (comparison.data ?? null) : null} />)}
      </Loaded>
    </Box>
  );
}

function Numbers({ statistics, comparison }: { readonly statistics: Statistics; readonly comparison: Comparison | null }) {
  const t = useWords();
  const { f } = usePatient();
  const { isCompared } = usePeriod();
  const { period, preset, ranges, unit, wearPercent } = statistics;
  const lines = useMemo(() => statisticLines(statistics, comparison, { t, f }), [statistics, comparison, t, f]);
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Typography color="textSecondary" data-testid="period-span">
        {t("patient.span", { from: f.dateTime(Date.parse(period.from)), to: f.dateTime(Date.parse(period.to)), zone: period.zone.replaceAll("_", " ") })}
      </Typography>
      {statistics.insufficiency === null ? null : <Alert severity="info" data-testid="preliminary">{t("patient.preliminary", { reason: t(reasonKey(statistics.insufficiency)) })}</Alert>}
      <Panel>
        <TimeInRange heading={t("patient.ranges")} summary={{ rangesPercent: ranges, thresholds: preset.thresholds, unit, wearPercent }} hasTimePerDay />
        <Goals statistics={statistics} />
        {isCompared ? <Against comparison={comparison} /> : null}
      </Panel>
      <StatisticCards lines={lines} isCompared={isCompared} />
      <Profile />
      <Parts statistics={statistics} />
      <Sources statistics={statistics} />
    </Box>
  );
}

/** The goals that the consensus prints for the chosen ranges, or that the clinic chose for this patient. */
function Goals({ statistics: { preset } }: { readonly statistics: Statistics }) {
  const t = useWords();
  const { f } = usePatient();
  const { ownGoals } = usePeriod();
  const { target, below, veryLow, above, veryHigh } = ownGoals ?? preset.goals;
  const least = (key: "patient.goalTarget", value: number | null): string[] => (value === null ? [] : [t(key, { value: f.percent(value) })]);
  const most = (key: "patient.goalBelow" | "patient.goalVeryLow" | "patient.goalAbove" | "patient.goalVeryHigh", value: number | null): string[] => (value === null ? [] : [t(key, { value: f.percent(value) })]);
  const goals = [...least("patient.goalTarget", target), ...most("patient.goalBelow", below), ...most("patient.goalVeryLow", veryLow), ...most("patient.goalAbove", above), ...most("patient.goalVeryHigh", veryHigh)];
  const none = preset.name === "custom" || ownGoals !== null ? "patient.goalNoneChosen" : "patient.goalNone";
  const said = t(ownGoals === null ? "patient.goals" : "patient.goalsOwn", { goals: f.list(goals) });
  return <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }} data-testid="goals">{t(PRESET_NAMES[preset.name])} · {goals.length === 0 ? t(none) : said}</Typography>;
}

/** What the comparison is with, and the change of the ranges; or why there is none. */
function Against({ comparison }: { readonly comparison: Comparison | null }) {
  const t = useWords();
  const { f } = usePatient();
  if (comparison === null) return <Skeleton width={320} />;
  const { against, current, differences } = comparison;
  const span = { from: f.dateTime(Date.parse(against.from)), to: f.dateTime(Date.parse(against.to)) };
  if (differences === null) {
    return <Typography sx={{ mt: 1 }} data-testid="compared">{t("patient.comparedThin", { ...span, reason: t(reasonKey(against.thinReason ?? current.thinReason ?? "too_few_readings")) })}</Typography>;
  }
  const points = (value: number | null): string => (value === null ? "–" : f.number(value, 1, "exceptZero"));
  return <Typography sx={{ mt: 1 }} data-testid="compared">{t("patient.compared", { ...span, target: points(differences.ranges.target), below: points(differences.tbr), above: points(differences.tar) })}</Typography>;
}

/** Where the readings come from, and what is odd about them. */
function Sources({ statistics: { sources, quality } }: { readonly statistics: Statistics }) {
  const t = useWords();
  const { f } = usePatient();
  const labelOf = useSourceLabel();
  const odd = quality.filter(({ severity }) => severity === "warning");
  return (
    <Panel title={t("patient.sources")} testId="sources">
      <ul>
        {grouped(sources, labelOf).map(({ label, members }) => <li key={label}>{label}{members.length === 1 ? "" : ` (${f.number(members.length)})`}</li>)}
      </ul>
      {odd.length === 0 ? null : (
        <>
          <Typography component="h3" variant="subtitle1" sx={{ mt: 1 }}>{t("patient.quality")}</Typography>
          <ul>
            {odd.map(({ kind, from, to, count }) => (
              <li key={`${kind} ${from}`}>{t(QUALITY[kind], { count: f.number(count) })} ({f.dateTime(Date.parse(from))} – {f.dateTime(Date.parse(to))})</li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

const QUALITY = {
  gap: "patient.qualityGap", mixed_cadence: "patient.qualityCadence", overlapping_sensors: "patient.qualityOverlap", suspicious_unit: "patient.qualityUnit",
  clock_jump: "patient.qualityClock", implausible: "patient.qualityImplausible", flat: "patient.qualityFlat",
} as const satisfies Record<Statistics["quality"][number]["kind"], string>;

/** Nothing in this time: where the last data lie, and the way there. */
function Nothing() {
  const t = useWords();
  const { path, zone, f } = usePatient();
  const { setPeriod } = usePeriod();
  const { data } = useOperation("get /patients/{patientId}/glucose/latest", { path });
  if (!data?.reading) return <Alert severity="info" data-testid="no-readings">{t("patient.emptyNever")}</Alert>;
  const lastMs = Date.parse(data.reading.at);
  const jump = <Button color="inherit" size="small" onClick={() => setPeriod({ kind: "last", days: 14, until: localDate(zone, lastMs) })}>{t("patient.emptyJump")}</Button>;
  return <Alert severity="info" action={jump} data-testid="no-readings">{t("patient.empty", { date: f.dateTime(lastMs) })}</Alert>;
}

function Waiting() {
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Skeleton width={300} />
      <Skeleton variant="rounded" height={250} />
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "repeat(2, minmax(0, 1fr))", md: "repeat(4, minmax(0, 1fr))" }, gap: 1.5 }}>
        {["mean", "gmi", "cv", "sd", "wear", "low", "high"].map((each) => <Skeleton key={each} variant="rounded" height={132} />)}
      </Box>
      <Skeleton variant="rounded" height={442} />
    </Box>
  );
}
