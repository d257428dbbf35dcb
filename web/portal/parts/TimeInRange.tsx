import { BANDS, type Band } from "#web/charts/ranges.ts";
import { Figure } from "#web/charts/Figure.tsx";
import { BandSwatch, RangesBar } from "#web/charts/RangesBar.tsx";
import type { GlucoseSummary } from "#web/client/types.ts";
import { type Language, useLanguage } from "../language.tsx";
import { BAND_NAMES } from "../words.ts";
import { Empty } from "./States.tsx";

/** Below this share of expected readings the picture is called incomplete. */
const PARTIAL_BELOW_PERCENT = 70;

export interface TimeInRangeProps {
  readonly heading: string;
  readonly summary: Pick<GlucoseSummary, "rangesPercent" | "thresholds" | "unit" | "wearPercent">;
  /** Adds how much of an average day each band is; only sensible over whole days. */
  readonly hasTimePerDay?: boolean;
}

/** Five bands as a bar, with their names, limits and shares. */
export function TimeInRange({ heading, summary, hasTimePerDay = false }: TimeInRangeProps) {
  const language = useLanguage();
  const { t, f } = language;
  const shares = summary.rangesPercent;
  if (!shares) {
    return (
      <Figure heading={heading} summary="" viewAsTable={t("card.viewAsTable")} testId="time-in-range">
        <Empty text={t("tir.empty")} />
      </Figure>
    );
  }
  const sentence = t("tir.summary", {
    target: f.percent(shares.target), below: f.percent(shares.veryLow + shares.low), above: f.percent(shares.high + shares.veryHigh),
  });
  const perDay = (band: Band): string => f.duration((shares[band] / 100) * 86_400);
  const highestFirst = BANDS.toReversed();
  return (
    <Figure
      heading={heading} summary={sentence} isSummaryHidden viewAsTable={t("card.viewAsTable")} testId="time-in-range"
      table={{
        caption: t("tir.table"),
        columns: [t("column.band"), f.unit, t("column.share"), ...(hasTimePerDay ? [t("column.perDay")] : [])],
        rows: () => highestFirst.map((band) => [t(BAND_NAMES[band]), limitsOf(band, summary, language), f.percent(shares[band]), ...(hasTimePerDay ? [perDay(band)] : [])]),
      }}
    >
      <div className="ranges">
        <div className="ranges-picture">
          <p className="big-number">
            <span className="big-value" data-testid="tir-value">
              {f.percent(shares.target)}
            </span>{" "}
            <span className="big-unit">{t("band.target").toLocaleLowerCase(f.locale)}</span>
          </p>
          <RangesBar shares={shares} label={sentence} />
          <Coverage percent={summary.wearPercent} />
        </div>
        <ul className="band-list">
          {highestFirst.map((band) => (
            <li key={band} data-testid={`tir-${band}`}>
              <BandSwatch band={band} />
              <span className="band-name">{t(BAND_NAMES[band])}</span>
              <span className="band-limits">{limitsOf(band, summary, language)}</span>
              <span className="band-share number">{f.percent(shares[band])}</span>
              {hasTimePerDay ? <span className="band-time number">{perDay(band)}</span> : null}
            </li>
          ))}
        </ul>
      </div>
    </Figure>
  );
}

function limitsOf(band: Band, { thresholds, unit }: TimeInRangeProps["summary"], { t, f }: Language): string {
  const show = (value: number): string => f.glucose(value, unit);
  switch (band) {
    case "veryLow": return t("band.below", { limit: `${show(thresholds.veryLow)} ${unit}` });
    case "low": return t("band.between", { from: show(thresholds.veryLow), to: show(belowOf(thresholds.low, unit)) });
    case "target": return t("band.between", { from: show(thresholds.low), to: show(thresholds.high) });
    case "high": return t("band.between", { from: show(aboveOf(thresholds.high, unit)), to: show(thresholds.veryHigh) });
    default: return t("band.above", { limit: `${show(thresholds.veryHigh)} ${unit}` });
  }
}

/** The last printed value below a limit, and the first above: 69 and 181 mg/dL, 3.8 and 10.1 mmol/L. */
const belowOf = (limit: number, unit: GlucoseSummary["unit"]): number => limit - (unit === "mg/dL" ? 1 : 0.1);
const aboveOf = (limit: number, unit: GlucoseSummary["unit"]): number => limit + (unit === "mg/dL" ? 1 : 0.1);

function Coverage({ percent }: { percent: number | null }) {
  const { t, f } = useLanguage();
  if (percent === null) return null;
  const isPartial = percent < PARTIAL_BELOW_PERCENT;
  return (
    <p className={isPartial ? "coverage coverage-partial" : "coverage"}>
      {t(isPartial ? "tir.partial" : "tir.coverage", { percent: f.percent(Math.min(percent, 100)) })}
    </p>
  );
}
