import { type Band, bandOf } from "#web/language/readings.ts";
import type { MeterReading } from "#web/client/readings.ts";
import { useLanguage } from "../../language.tsx";
import { mealOfType, useMealName } from "../../meals.ts";
import { BAND_NAMES } from "../../words.ts";
import { LOCATION_NAMES, RELATION_NAMES, SAMPLE_NAMES, WAY_NAMES } from "./words.ts";

/** A triangle down, a dot, a triangle up: colour never says it alone. */
const SHAPES: Readonly<Record<Band, string>> = { low: "M1 2h10L6 11z", target: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9z", high: "M1 10h10L6 1z" };

export interface ReadingRowProps {
  readonly reading: MeterReading;
  readonly isWorking: boolean;
  /** Absent for whoever may not. */
  readonly onDelete?: () => void;
}

/** One reading: how high it was in number, word and shape; when, as what, by which way. */
export function ReadingRow({ reading, isWorking, onDelete }: ReadingRowProps) {
  const { t, f } = useLanguage();
  const mealName = useMealName();
  const { at, valueMgDl, outOfRange, type, mealRelation, sampleType, sampleLocation, note, syncSource, device, enteredBy } = reading;
  const band = bandOf(reading);
  const value = `${outOfRange === null ? "" : outOfRange === "below" ? "< " : "> "}${f.glucoseOfMgDl(valueMgDl)}`;
  const time = f.time(Date.parse(at));
  const meal = mealOfType(type);
  const facts = [meal && mealName(meal), mealRelation && t(RELATION_NAMES[mealRelation]), sampleType && t(SAMPLE_NAMES[sampleType]), sampleLocation && t(LOCATION_NAMES[sampleLocation])];
  const way = [t(WAY_NAMES[syncSource]), device && (device.name ?? device.id), enteredBy && t("readings.enteredBy", { name: enteredBy.name ?? t("readings.somebody") })];
  return (
    <li className="reading" data-testid="reading">
      <time dateTime={at}>{time}</time>
      <div className="reading-what">
        <p>
          <svg className={`band-shape band-shape-${band}`} viewBox="0 0 12 12" aria-hidden="true"><path d={SHAPES[band]} /></svg>{" "}
          <strong className="number">{value}</strong> <span className="muted">{t(BAND_NAMES[band])}</span>
        </p>
        <p>{facts.filter((fact) => fact !== null).join(" · ")}</p>
        {note === null ? null : <p className="reading-note">«{note}»</p>}
        <p className="muted">{way.filter((part) => part !== null).join(" · ")}</p>
      </div>
      {onDelete ? (
        <button type="button" className="icon-button" disabled={isWorking} onClick={onDelete} aria-label={t("readings.deleteNamed", { value, time })} data-testid="reading-delete">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5" /></svg>
        </button>
      ) : null}
    </li>
  );
}
