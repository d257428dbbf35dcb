import { useEffect, useState } from "react";
import { bandOf } from "#web/charts/ranges.ts";
import { BandSwatch } from "#web/charts/RangesBar.tsx";
import type { Thresholds } from "#web/charts/curve-drawing.ts";
import type { Reading } from "#web/client/types.ts";
import { type Language, useLanguage } from "../language.tsx";
import type { LatestReading } from "../resources.ts";
import { BAND_NAMES } from "../words.ts";
import { SourceLine, useProviderNames } from "./Source.tsx";
import { TREND_NAMES, TrendArrow } from "./TrendArrow.tsx";

/** A value older than this is never shown as the present one. */
export const STALE_AFTER_S = 15 * 60;

export interface CurrentGlucoseProps {
  readonly latest: LatestReading;
  readonly nowMs: number;
  /** In the person's unit; absent until the curve is there. */
  readonly thresholds?: Thresholds | undefined;
  /** Usual delay of the source, where it is longer than the stale rule. */
  readonly latencySeconds?: number | undefined;
}

/** The newest reading: value, arrow, change, age. Grey and struck when it is too old to be called current. */
export function CurrentGlucose({ latest, nowMs, thresholds, latencySeconds }: CurrentGlucoseProps) {
  const { t } = useLanguage();
  const { reading, receivedMs } = latest;
  const ageS = reading ? reading.ageSeconds + Math.max(nowMs - receivedMs, 0) / 1000 : 0;
  const isStale = reading !== null && (reading.isStale || ageS > STALE_AFTER_S);
  return (
    <section className={isStale ? "current current-stale" : "current"} aria-labelledby="current-title" data-testid="current-glucose">
      <h2 id="current-title" className="visually-hidden">
        {t("today.current")}
      </h2>
      {reading === null ? <p className="current-none">{t("today.noReading")}</p> : null}
      {reading !== null && isStale ? <StaleReading reading={reading} ageS={ageS} latencySeconds={latencySeconds} /> : null}
      {reading !== null && !isStale ? <FreshReading reading={reading} ageS={ageS} thresholds={thresholds} /> : null}
      <Announcement reading={isStale ? null : reading} />
    </section>
  );
}

/** The number in the person's unit, or the sensor's word where there is no number. */
function valueText(reading: Reading, { t, f }: Language): { readonly value: string; readonly unit: string | null } {
  if (reading.flags.includes("below_range")) return { value: t("today.sensorLow"), unit: null };
  if (reading.flags.includes("above_range")) return { value: t("today.sensorHigh"), unit: null };
  return { value: f.glucose(f.unit === "mg/dL" ? reading.valueMgDl : reading.valueMmolL), unit: f.unit };
}

function FreshReading({ reading, ageS, thresholds }: { reading: Reading; ageS: number; thresholds: Thresholds | undefined }) {
  const language = useLanguage();
  const { t, f } = language;
  const { value, unit } = valueText(reading, language);
  const band = thresholds ? bandOf(f.unit === "mg/dL" ? reading.valueMgDl : reading.valueMmolL, thresholds) : null;
  const trend = t(TREND_NAMES[reading.trend]);
  return (
    <>
      <p className="visually-hidden" data-testid="current-spoken">
        {t("today.spoken", { value: unit ? `${value} ${unit}` : value, trend, ago: f.agoLong(ageS) })}
      </p>
      <div aria-hidden="true">
        <p className="current-line">
          <span className="current-value" data-testid="current-value">
            {value}
          </span>
          {unit ? (
            <span className="current-unit" data-testid="current-unit">
              {unit}
            </span>
          ) : null}
          <TrendArrow trend={reading.trend} />
        </p>
        <p className="current-meta">
          {band ? (
            <span className="chip">
              <BandSwatch band={band} />
              {t(BAND_NAMES[band])}
            </span>
          ) : null}
          <span data-testid="current-trend">{trend}</span>
          {reading.deltaMgDl === null ? null : (
            <span className="number" data-testid="current-delta">
              {f.glucoseDelta(reading.deltaMgDl)}
            </span>
          )}
          <span className="number" data-testid="current-age">
            {f.ago(ageS)}
          </span>
        </p>
      </div>
      <SensorHint reading={reading} />
      <SourceLine source={reading.source} atMs={Date.parse(reading.at)} />
    </>
  );
}

function SensorHint({ reading }: { reading: Reading }) {
  const { t } = useLanguage();
  if (reading.flags.includes("below_range")) return <p className="current-hint">{t("today.sensorLowHint")}</p>;
  if (reading.flags.includes("above_range")) return <p className="current-hint">{t("today.sensorHighHint")}</p>;
  return null;
}

function StaleReading({ reading, ageS, latencySeconds }: { reading: Reading; ageS: number; latencySeconds: number | undefined }) {
  const language = useLanguage();
  const { t, f } = language;
  const providers = useProviderNames();
  const { value, unit } = valueText(reading, language);
  const isUsuallyLate = latencySeconds !== undefined && latencySeconds > STALE_AFTER_S && reading.source.provider !== null;
  return (
    <>
      <p className="visually-hidden" data-testid="current-spoken">
        {t("today.spokenStale", { ago: f.agoLong(ageS) })}
      </p>
      <p className="current-line" aria-hidden="true">
        <s className="current-value" data-testid="current-value">
          {value}
        </s>
        {unit ? <span className="current-unit">{unit}</span> : null}
      </p>
      <p className="current-stale-title" data-testid="current-stale">
        {t("today.stale")}
      </p>
      <p className="current-hint" data-testid="current-age">
        {t("today.staleHint", { ago: f.ago(ageS) })}
      </p>
      {isUsuallyLate && reading.source.provider !== null ? (
        <p className="current-hint">
          {t("today.staleDelay", { provider: providers.of(reading.source.provider), delay: f.duration(latencySeconds) })}
        </p>
      ) : null}
      <SourceLine source={reading.source} atMs={Date.parse(reading.at)} />
    </>
  );
}

/** Says a new reading once, politely; the first one is page content and the age is never announced. */
function Announcement({ reading }: { reading: Reading | null }) {
  const language = useLanguage();
  const at = reading?.at ?? null;
  const [firstAt] = useState(at);
  const [text, setText] = useState("");
  useEffect(() => {
    if (reading === null || at === firstAt) return;
    const { value, unit } = valueText(reading, language);
    setText(`${unit ? `${value} ${unit}` : value}, ${language.t(TREND_NAMES[reading.trend])}`);
    // Only a new reading speaks; a changed language or a re-render does not.
    // eslint-disable-next-line react/exhaustive-deps
  }, [at]);
  return (
    <p className="visually-hidden" aria-live="polite" data-testid="current-announcement">
      {text}
    </p>
  );
}
