/** Which source is believed where several measure the same, and why. */
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useWords } from "../../messages/words.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { Panel } from "../Panel.tsx";
import { usePatient } from "../patient.ts";
import { useSourceLabel } from "../sources.ts";
import { contested, type SourceRulesShown } from "./device-facts.ts";

type Reason = SourceRulesShown["metrics"][number]["sources"][number]["reason"];

const REASONS = {
  only_source: "patient.rankOnly", own_order: "patient.rankOwn", measured_within_the_day: "patient.rankWithinDay", direct: "patient.rankDirect", more_detailed: "patient.rankDetailed",
  still_measuring: "patient.rankStill", newer_device: "patient.rankNewer", by_name: "patient.rankName", excluded: "patient.rankExcluded",
} as const satisfies Record<Reason, MessageKey>;

const METRICS: Readonly<Record<string, MessageKey>> = {
  glucose: "patient.metricGlucose", glucose_meter: "patient.metricMeter", glucose_trend_rate: "patient.metricTrend", heart_rate: "patient.metricHeart", resting_heart_rate: "patient.metricResting",
  steps: "patient.metricSteps", distance: "patient.metricDistance", floors: "patient.metricFloors", calories_active: "patient.metricCaloriesActive", calories_total: "patient.metricCalories", hrv_rmssd: "patient.metricHrvRmssd", hrv_sdnn: "patient.metricHrvSdnn",
  spo2: "patient.metricOxygen", respiration_rate: "patient.metricRespiration", weight: "patient.metricWeight", body_fat: "patient.metricBodyFat", stress: "patient.metricStress", vo2max: "patient.metricVo2max",
  sleep_score: "patient.metricSleepScore", active_duration: "patient.metricActive", skin_temperature_deviation: "patient.metricSkin",
};

export function Ranking({ rules }: { readonly rules: SourceRulesShown }) {
  const t = useWords();
  const { f } = usePatient();
  const labelOf = useSourceLabel();
  const shown = contested(rules, labelOf);
  return (
    <Panel title={t("patient.rank")} testId="ranking">
      <Typography color="textSecondary">{t(shown.length === 0 ? "patient.rankNone" : "patient.rankHint")}</Typography>
      <Box component="dl" sx={{ m: 0, "& dt": { fontWeight: 600, mt: 1 }, "& dd": { m: 0 } }}>
        {shown.map(({ metric, places }) => (
          <div key={metric}>
            <dt>{METRICS[metric] ? t(METRICS[metric]) : metric.replaceAll("_", " ")}</dt>
            <dd>
              <ol>
                {places.map(({ label, reason, count }) => <li key={label}>{label}{count === 1 ? "" : ` (${f.number(count)})`} <Typography component="span" variant="body2" color="textSecondary">– {t(REASONS[reason])}</Typography></li>)}
              </ol>
            </dd>
          </div>
        ))}
      </Box>
    </Panel>
  );
}
