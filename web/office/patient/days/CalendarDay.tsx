import { toneOf } from "#charts/month-calendar.ts";
import { inUnit } from "#units/glucose.ts";
import type { Reply } from "#web/client/operation-client.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../patient.ts";
import { dayPath, type LocalDay } from "./local-days.ts";

type Daily = Reply<"get /patients/{patientId}/glucose/daily">;

const [WIDTH, HEIGHT] = [120, 34];
/** What a small curve shows, mg/dL; beyond stands at the edge. */
const [LOWEST, HIGHEST] = [40, 300];
/** Values stand for an hour. */
const LONGEST_SHARE = 2.5 / 24;

export interface CalendarDayProps {
  readonly date: string;
  readonly day: Daily["days"][number] | undefined;
  /** mg/dL, an hour a value. */
  readonly curve: LocalDay | undefined;
  readonly goals: Daily["preset"]["goals"];
  /** In the reply's unit. */
  readonly thresholds: Daily["preset"]["thresholds"];
  readonly isFuture: boolean;
  readonly isReachable: boolean;
  readonly onOpen: () => void;
}

/** A day: its date, share in range and course. Tone, pattern and number say the same. */
export function CalendarDay({ date, day, curve, goals, thresholds, isFuture, isReachable, onOpen }: CalendarDayProps) {
  const t = useWords();
  const { f, unit } = usePatient();
  const share = day?.ranges?.target ?? null;
  const tone = toneOf({ inTargetPercent: share === null ? null : Math.round(share), activePercent: day?.presentPercent ?? null }, goals.target);
  const words = share === null
    ? t("patient.calendarDayNone", { day: f.day(date) })
    : t(tone === "thin" ? "patient.calendarDayThin" : "patient.calendarDay", { day: f.day(date), share: f.percent(share), wear: f.percent(Math.min(day?.presentPercent ?? 0, 100)) });
  const yOf = (mgDl: number): number => HEIGHT - ((Math.min(Math.max(mgDl, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)) * HEIGHT;
  const limit = (value: number): number => yOf(unit === "mg/dL" ? value : value / inUnit(1, "mmol/L"));
  return (
    <button type="button" className={`month-day month-${isFuture ? "none" : tone}`} data-date={date} tabIndex={isReachable ? 0 : -1} disabled={isFuture} onClick={onOpen}>
      <span className="visually-hidden">{words}</span>
      <span className="month-number" aria-hidden="true">{Number(date.slice(8))}</span>
      <span className="month-share" aria-hidden="true">{share === null ? (isFuture ? "" : "–") : f.percent(share)}</span>
      {isFuture ? null : (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <rect width={WIDTH} y={limit(thresholds.high)} height={Math.max(limit(thresholds.low) - limit(thresholds.high), 0)} className="day-target" />
          {curve ? <path d={dayPath(curve, { xOf: (at) => at * WIDTH, yOf }, LONGEST_SHARE)} className="month-curve" /> : null}
        </svg>
      )}
    </button>
  );
}
