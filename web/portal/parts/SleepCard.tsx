import { Figure } from "#web/charts/Figure.tsx";
import { Hypnogram } from "#web/charts/Hypnogram.tsx";
import { type StageLane, stageTotals, type StageStretch } from "#web/charts/hypnogram.ts";
import type { Sleep } from "#web/client/types.ts";
import { useLanguage } from "../language.tsx";
import { STAGE_NAMES } from "../words.ts";
import { Card } from "./Card.tsx";
import { SourceLine } from "./Source.tsx";

/** Seconds per stage: the vendor's own totals where it sent them, else the sum of the stretches. Missing stays missing. */
export function sleepTotals(sleep: Sleep): { readonly stage: StageLane; readonly seconds: number }[] {
  const sent: Partial<Record<StageLane, number | null>> = { awake: sleep.awakeS, rem: sleep.remS, light: sleep.lightS, deep: sleep.deepS };
  const summed = stageTotals(stretchesOf(sleep));
  return (["awake", "rem", "asleep", "light", "deep"] as const).flatMap((stage) => {
    const seconds = sent[stage] ?? summed.find((total) => total.stage === stage)?.seconds;
    return seconds === undefined ? [] : [{ stage, seconds }];
  });
}

const stretchesOf = (sleep: Sleep): StageStretch[] =>
  sleep.stages.map(({ stage, start, end }) => ({ stage, startMs: Date.parse(start), endMs: Date.parse(end) }));

/** The newest sleep: how long, when, its course and its stages. */
export function SleepCard({ sleep }: { readonly sleep: Sleep | null }) {
  const { t, f } = useLanguage();
  if (!sleep) {
    return (
      <Card title={t("sleep.title")} testId="card-sleep" isWide>
        <p className="muted">{t("card.none")}</p>
      </Card>
    );
  }
  const startMs = Date.parse(sleep.start);
  const endMs = Date.parse(sleep.end);
  const stretches = stretchesOf(sleep);
  const totals = sleepTotals(sleep);
  const duration = f.duration(sleep.asleepS ?? (endMs - startMs) / 1000);
  const stageText = f.list(totals.map(({ stage, seconds }) => `${t(STAGE_NAMES[stage])} ${f.duration(seconds)}`));
  return (
    <div className="card card-wide" data-testid="card-sleep">
      <Figure
        heading={sleep.isNap ? t("sleep.nap") : t("sleep.title")} isSummaryHidden viewAsTable={t("card.viewAsTable")}
        summary={t("sleep.summary", { duration, from: f.time(startMs), to: f.dateTime(endMs) })}
        {...(stretches.length > 0
          ? {
              table: {
                caption: t("sleep.table"),
                columns: [t("column.from"), t("column.to"), t("column.stage")],
                rows: () =>
                  stretches.map(({ stage, startMs: from, endMs: to }) => [
                    f.time(from), f.time(to), stage in STAGE_NAMES ? t(STAGE_NAMES[stage as StageLane]) : stage,
                  ]),
              },
            }
          : {})}
      >
        <p className="big-number">
          <span className="big-value" data-testid="sleep-duration">
            {duration}
          </span>{" "}
          <span className="big-unit">{t("sleep.asleep")}</span>
        </p>
        {stretches.length > 0 ? <Hypnogram stages={stretches} startMs={startMs} endMs={endMs} label={t("sleep.hypnogram", { summary: stageText })} /> : null}
        {stretches.length > 0 ? (
          <div className="axis-row" aria-hidden="true">
            <span>{f.time(startMs)}</span>
            <span>{f.time(endMs)}</span>
          </div>
        ) : null}
        <ul className="stage-list" data-testid="sleep-stages">
          {totals.map(({ stage, seconds }) => (
            <li key={stage}>
              <span className={`swatch stage-swatch-${stage}`} aria-hidden="true" />
              <span>{t(STAGE_NAMES[stage])}</span>
              <span className="number">{f.duration(seconds)}</span>
            </li>
          ))}
        </ul>
        <p className="facts">
          {sleep.score === null ? null : <span>{t("sleep.score", { score: f.number(sleep.score) })}</span>}
          {sleep.efficiencyPercent === null ? null : <span>{t("sleep.efficiency", { percent: f.percent(sleep.efficiencyPercent) })}</span>}
        </p>
      </Figure>
      <div className="card-foot">
        <SourceLine source={sleep.source} atMs={endMs} />
      </div>
    </div>
  );
}
