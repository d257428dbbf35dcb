import { useCallback, useMemo } from "react";
import { type AgpBin, agpBins } from "#charts/agp-bins.ts";
import { agpChart, isClamped } from "#charts/agp-chart.ts";
import { DRAWN_MG_DL, type Limits } from "#charts/glucose-scale.ts";
import type { Scene, Size } from "#charts/scene.ts";
import { createWriter, type Writer } from "#charts/writer.ts";
import { ambulatoryProfile } from "#glucose/patterns/agp.ts";
import { CONSENSUS_RANGES } from "#glucose/ranges.ts";
import { cleanSeries } from "#glucose/series.ts";
import { inUnit } from "#units/glucose.ts";
import { Figure } from "#web/charts/Figure.tsx";
import { Picture } from "#web/charts/Picture.tsx";
import type { GlucoseSeries } from "#web/client/types.ts";
import { type Language, useLanguage } from "../language.tsx";
import { Empty } from "./States.tsx";

const HEIGHT = 330;

/** The days of a period over one another: what a day is like, hour by hour. */
export function AmbulatoryProfile({ series }: { readonly series: Pick<GlucoseSeries, "times" | "values" | "unit"> }) {
  const { t, f } = useLanguage();
  const { bins, days } = useMemo(() => profileOf(series, f.zone), [series, f.zone]);
  return <ProfileFigure heading={t("agp.title")} bins={bins} days={days} limits={CONSENSUS_RANGES["mg/dL"]} thin={t("agp.thin")} />;
}

export interface ProfileFigureProps {
  readonly heading: string;
  /** In mg/dL; null where there is too little for a profile. */
  readonly bins: readonly (AgpBin | null)[] | null;
  /** Days that have readings. */
  readonly days: number;
  /** In mg/dL. */
  readonly limits: Limits;
  /** Says why there is no picture. */
  readonly thin: string;
  readonly csv?: { readonly label: string; readonly name: string };
}

/** A profile as picture, sentence and table. */
export function ProfileFigure({ heading, bins, days, limits, thin, csv }: ProfileFigureProps) {
  const language = useLanguage();
  const { t, f } = language;
  const writer = useMemo(() => createWriter({ unit: f.unit, language: f.locale }), [f]);
  const draw = useCallback((size: Size): Scene => drawn(bins ?? [], size, { language, writer, limits }), [bins, language, writer, limits]);
  if (!bins) {
    return (
      <Figure heading={heading} summary="" viewAsTable={t("card.viewAsTable")} testId="agp">
        <Empty text={thin} />
      </Figure>
    );
  }
  const columns = [t("column.time"), ...[5, 25, 50, 75, 95].map((share) => writer.percent(share)), t("column.readings")];
  return (
    <Figure
      heading={heading} testId="agp" viewAsTable={t("card.viewAsTable")} summary={summaryOf(bins, days, language, writer)}
      table={{
        caption: t("agp.table", { unit: f.unit }),
        columns,
        rows: () => bins.map((bin, hour) => [clock(hour * 60), ...PERCENTILES.map((name) => (bin ? writer.glucose(bin[name]) : "–")), f.number(bin?.count ?? 0)]),
        ...(csv ? { csv: { ...csv, rows: () => [columns, ...bins.map((bin, hour) => [clock(hour * 60), ...PERCENTILES.map((name) => (bin ? inUnit(bin[name], f.unit) : null)), bin?.count ?? 0])] } } : {}),
      }}
    >
      <Picture draw={draw} height={HEIGHT} />
      <ul className="legend" aria-hidden="true">
        <li><span className="key key-agp-median" />{t("agp.median")}</li>
        <li><span className="key key-agp-inner" />{t("agp.middle")}</li>
        <li><span className="key key-agp-outer" />{t("agp.most")}</li>
      </ul>
      {isClamped(bins) ? <p className="muted">{t("agp.clamped", { limit: `${writer.threshold(DRAWN_MG_DL.max)} ${f.unit}` })}</p> : null}
    </Figure>
  );
}

const PERCENTILES = ["p05", "p25", "p50", "p75", "p95"] as const;

/** Bins in mg/dL, null where there is too little for a profile; and how many days have readings. */
function profileOf({ times, values, unit }: Pick<GlucoseSeries, "times" | "values" | "unit">, zone: string): { readonly bins: readonly (AgpBin | null)[] | null; readonly days: number } {
  const profile = ambulatoryProfile(cleanSeries({ timesMs: times, values }, { unit }), zone);
  return { bins: profile.isSufficient ? agpBins(profile) : null, days: profile.days };
}

interface Speaking {
  readonly limits: Limits;
  readonly language: Language;
  readonly writer: Writer;
}

function drawn(bins: readonly (AgpBin | null)[], size: Size, { language: { t }, writer, limits }: Speaking): Scene {
  const words = { title: t("agp.title"), description: "", median: t("agp.median"), middleHalf: t("agp.middle"), most: t("agp.most"), clamped: "" };
  return agpChart({ bins, limits, words, writer, hasKey: false }, size);
}

function summaryOf(bins: readonly (AgpBin | null)[], days: number, { t, f }: Language, writer: Writer): string {
  const present = bins.filter((bin) => bin !== null).toSorted((a, b) => a.p50 - b.p50);
  const [low, high] = [present[0]!, present.at(-1)!];
  return t("agp.summary", {
    days: f.number(days), lowTime: clock(low.minute), low: writer.glucoseWithUnit(low.p50), highTime: clock(high.minute), high: writer.glucoseWithUnit(high.p50),
  });
}

/** `03:30` of minutes after midnight. */
const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
