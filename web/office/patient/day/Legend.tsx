/** What the marks of the picture are. */
import type { Band } from "#web/charts/ranges.ts";
import type { Thresholds } from "#web/charts/curve-drawing.ts";
import { useLanguage } from "#web/portal/language.tsx";
import { BAND_NAMES, STAGE_NAMES } from "#web/portal/words.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../patient.ts";
import { BAND_SHAPES } from "./lanes/GlucoseLane.tsx";

const ORDER: readonly Band[] = ["veryHigh", "high", "target", "low", "veryLow"];

export function Legend({ thresholds }: { readonly thresholds: Thresholds }) {
  const t = useWords();
  const { t: name } = useLanguage();
  const { f, unit } = usePatient();
  return (
    <ul className="legend">
      <li><span className="key key-target" aria-hidden="true" />{t("patient.legendTarget", { low: f.threshold(thresholds.low), high: f.threshold(thresholds.high), unit })}</li>
      {ORDER.map((band) => (
        <li key={band}>
          <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true"><path d={`M0 0${BAND_SHAPES[band]}`} className={`day-mark-${band}`} /></svg>
          {name(BAND_NAMES[band])}
        </li>
      ))}
      <li><svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true"><path d="M0-6L6 0L0 6L-6 0Z" className="day-meter" /></svg>{t("patient.legendMeter")}</li>
      {(["awake", "rem", "light", "deep"] as const).map((stage) => (
        <li key={stage}><svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><rect width="14" height="14" rx="3" className={`stage stage-${stage}`} /></svg>{name(STAGE_NAMES[stage])}</li>
      ))}
    </ul>
  );
}
