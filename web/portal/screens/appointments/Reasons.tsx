import { Fragment, useId } from "react";
import type { Motive } from "#web/client/appointments.ts";
import { useLanguage } from "../../language.tsx";
import { Field } from "../../parts/Field.tsx";
import { useWhose } from "../../whose.ts";
import { MOTIVE_NAMES, MOTIVES } from "./words.ts";

export interface Reasons {
  readonly motives: readonly Motive[];
  readonly isSevere: boolean;
  readonly otherMotive: string;
}

export const NO_REASONS: Reasons = { motives: [], isSevere: false, otherMotive: "" };

/** What it is about: several at once, and words of one's own. */
export function ReasonFields({ reasons, onReasons }: { readonly reasons: Reasons; readonly onReasons: (reasons: Reasons) => void }) {
  const { t } = useLanguage();
  const whose = useWhose();
  const id = useId();
  const { motives, isSevere, otherMotive } = reasons;
  const toggle = (motive: Motive): void => {
    const next = motives.includes(motive) ? motives.filter((each) => each !== motive) : [...motives, motive];
    onReasons({ ...reasons, motives: next, isSevere: isSevere && next.includes("hypoglycaemia") });
  };
  return (
    <fieldset className="choices">
      <legend>{t("ask.motives")}</legend>
      {MOTIVES.map((motive) => (
        <Fragment key={motive}>
          <div className="check">
            <input id={`${id}-${motive}`} type="checkbox" checked={motives.includes(motive)} onChange={() => toggle(motive)} data-testid={`motive-${motive}`} />
            <label htmlFor={`${id}-${motive}`}>{t(MOTIVE_NAMES[motive])}</label>
          </div>
          {motive === "hypoglycaemia" && motives.includes(motive) ? (
            <div className="check check-below">
              <input id={`${id}-severe`} type="checkbox" checked={isSevere} onChange={() => onReasons({ ...reasons, isSevere: !isSevere })} data-testid="motive-severe" />
              <label htmlFor={`${id}-severe`}>{whose("ask.severe", "ask.severeOf")}</label>
            </div>
          ) : null}
        </Fragment>
      ))}
      {motives.includes("other") ? <Field label={t("ask.other")} value={otherMotive} maxLength={500} onValue={(text) => onReasons({ ...reasons, otherMotive: text })} testId="motive-words" /> : null}
    </fieldset>
  );
}

/** As the API takes them. */
export function askedReasons({ motives, isSevere, otherMotive }: Reasons): { motives: Motive[]; isSevere: boolean; otherMotive: string | null } {
  const said = motives.includes("other") ? otherMotive.trim() : "";
  return { motives: [...motives], isSevere, otherMotive: said === "" ? null : said };
}
