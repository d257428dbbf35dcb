import { type PointerEvent, useState } from "react";
import { barRects } from "./bars.ts";
import { Stepper } from "./Stepper.tsx";

const WIDTH = 700;
const HEIGHT = 150;

export interface DayBar {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** 0–100, null without data. */
  readonly percent: number | null;
}

export interface DayBarsProps {
  readonly days: readonly DayBar[];
  /** The goal line, percent. */
  readonly goal: number;
  readonly goalLabel: string;
  readonly label: string;
  readonly describe: (index: number) => string;
  readonly axis: readonly [first: string, last: string];
}

/** Share of each day in the target range, as bars against a goal line. */
export function DayBars({ days, goal, goalLabel, label, describe, axis }: DayBarsProps) {
  const [index, setIndex] = useState<number | null>(null);
  const bars = barRects(days.map((day) => day.percent), 100, { width: WIDTH, height: HEIGHT, gap: 8 });
  const slot = WIDTH / Math.max(days.length, 1);
  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    setIndex(Math.min(Math.max(Math.floor(((event.clientX - box.left) / box.width) * days.length), 0), days.length - 1));
  };
  const goalY = HEIGHT - (goal / 100) * HEIGHT;
  return (
    <div className="day-bars">
      <Stepper label={label} count={days.length} index={index} describe={describe} onIndex={setIndex}>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true"
          onPointerMove={onPointerMove} onPointerLeave={() => setIndex(null)}
        >
          {index === null ? null : <rect x={index * slot} width={slot} height={HEIGHT} className="bar-cursor" />}
          {bars.map((bar) => (
            <rect
              key={bar.index}
              x={bar.x} y={bar.y} width={bar.width} height={bar.height} rx={Math.min(3, bar.width / 3)}
              className={(days[bar.index]?.percent ?? 0) >= goal ? "bar bar-met" : "bar"}
            />
          ))}
          <line x1="0" x2={WIDTH} y1={goalY} y2={goalY} className="goal-line" vectorEffect="non-scaling-stroke" />
          <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="base-line" vectorEffect="non-scaling-stroke" />
        </svg>
      </Stepper>
      <div className="axis-row" aria-hidden="true">
        <span>{axis[0]}</span>
        <span className="readout">{index === null ? goalLabel : describe(index)}</span>
        <span>{axis[1]}</span>
      </div>
    </div>
  );
}
