import { type PointerEvent, useMemo, useRef } from "react";
import type { Thresholds } from "#web/charts/curve-drawing.ts";
import { Stepper } from "#web/charts/Stepper.tsx";
import { glucoseDomain, glucoseTicks, withoutCrowding } from "#web/charts/ticks.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../patient.ts";
import { useWidth } from "../use-width.ts";
import { dayPath, type LocalDay, nearestDay } from "./local-days.ts";

const HEIGHT = 340;
const BOX = { left: 44, right: 10, top: 8, bottom: 24 } as const;
/** Values stand for a quarter of an hour: longer than half an hour without one is a gap. */
const LONGEST_SHARE = 31 / 1440;
const REACH = { share: 20 / 1440, value: 25 } as const;

export interface OverlayPictureProps {
  readonly days: readonly LocalDay[];
  /** mg/dL. */
  readonly thresholds: Thresholds;
  /** The date of the day that stands out. */
  readonly chosen: string | null;
  readonly onChosen: (date: string | null) => void;
  readonly describe: (day: LocalDay) => string;
}

export function OverlayPicture({ days, thresholds, chosen, onChosen, describe }: OverlayPictureProps) {
  const t = useWords();
  const { f } = usePatient();
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const max = useMemo(() => days.reduce((most, { values }) => Math.max(most, ...values), thresholds.veryHigh), [days, thresholds]);
  const domain = glucoseDomain(thresholds, max, 0);
  const plot = { width: Math.max(width - BOX.left - BOX.right, 1), height: HEIGHT - BOX.top - BOX.bottom };
  const xOf = (share: number): number => BOX.left + share * plot.width;
  const yOf = (mgDl: number): number => BOX.top + plot.height * (1 - (mgDl - domain.min) / (domain.max - domain.min));
  const [veryLow, low, high, veryHigh, ...above] = glucoseTicks(thresholds, max) as [number, number, number, number, ...number[]];
  const ticks = withoutCrowding([low, high, veryHigh, ...above, veryLow], (value) => -yOf(value), 14);
  const hours = plot.width > 420 ? [0, 3, 6, 9, 12, 15, 18, 21, 24] : [0, 6, 12, 18, 24];
  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = { share: (event.clientX - box.left - BOX.left) / plot.width, value: domain.min + (1 - (event.clientY - box.top - BOX.top) / plot.height) * (domain.max - domain.min) };
    const found = nearestDay(days, at, REACH);
    onChosen(found === null ? null : days[found]!.date);
  };
  const index = days.findIndex(({ date }) => date === chosen);
  const picture = (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true" className="overlay-picture" onPointerMove={onPointerMove} onPointerLeave={() => onChosen(null)}>
      <rect x={BOX.left} y={yOf(high)} width={plot.width} height={yOf(low) - yOf(high)} className="day-target" />
      {ticks.map((value) => (
        <g key={value}>
          <line x1={BOX.left} x2={BOX.left + plot.width} y1={yOf(value)} y2={yOf(value)} className={value === low || value === high ? "day-limit" : "day-grid"} />
          <text x={BOX.left - 6} y={yOf(value) + 4} textAnchor="end" className="day-tick">{f.threshold(value)}</text>
        </g>
      ))}
      {hours.map((hour) => (
        <g key={hour}>
          <line x1={xOf(hour / 24)} x2={xOf(hour / 24)} y1={BOX.top} y2={BOX.top + plot.height} className="day-grid" />
          <text x={xOf(hour / 24)} y={HEIGHT - 6} textAnchor={hour === 24 ? "end" : hour === 0 ? "start" : "middle"} className="day-tick">{`${String(hour % 24).padStart(2, "0")}:00`}</text>
        </g>
      ))}
      {days.map((day) => {
        const standing = chosen === null ? "" : day.date === chosen ? "overlay-day-chosen" : "overlay-day-others";
        return <path key={day.date} d={dayPath(day, { xOf, yOf }, LONGEST_SHARE)} className={`overlay-day weekday-${day.weekday} ${standing}`} />;
      })}
    </svg>
  );
  return (
    <div ref={host}>
      {days.length === 0 ? picture : (
        <Stepper label={t("patient.overlayStep")} count={days.length} index={index < 0 ? null : index} describe={(at) => (days[at] ? describe(days[at]) : "")} onIndex={(at) => onChosen(at === null ? null : (days[at]?.date ?? null))}>
          {picture}
        </Stepper>
      )}
    </div>
  );
}
