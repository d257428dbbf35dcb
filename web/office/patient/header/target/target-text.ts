/** A target in words: whose ranges, from where to where, which goals, in which unit. */
import { useWords } from "../../../messages/words.ts";
import { type Target, usePatient } from "../../patient.ts";
import { PRESET_NAMES } from "../PeriodPicker.tsx";

/** `Own ranges 70–160 mg/dL · own goals · read in mmol/L`. */
export function useTargetText(): (target: Target) => string {
  const t = useWords();
  const { f, unit } = usePatient();
  return ({ preset, thresholds, hasOwnGoals, unit: read }) => {
    const { low, high } = thresholds[unit];
    return [
      `${t(PRESET_NAMES[preset])} ${f.glucose(low)}–${f.glucose(high)} ${unit}`, hasOwnGoals ? t("patient.targetOwnGoals") : null, read === null ? null : t("patient.targetReadIn", { unit: read }),
    ].filter((part) => part !== null).join(" · ");
  };
}
