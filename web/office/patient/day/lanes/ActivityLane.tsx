import { textWidth } from "#charts/text-width.ts";
import type { Workout } from "#web/client/types.ts";
import type { Series } from "../day-data.ts";
import { type Frame, summed } from "../layout.ts";
import type { View } from "../viewport.ts";

export interface ActivityLaneProps {
  readonly frame: Frame;
  readonly view: View;
  readonly workouts: readonly Workout[];
  readonly steps: Series;
  /** Of each value of steps. */
  readonly stepMs: number;
  readonly nameOf: (workout: Workout) => string;
}

/** A bar narrower than this cannot be seen. */
const LEAST_BAR_PX = 5;
const WORKOUT_PX = 16;

/** The width of a bar of steps: the series' own, or so many of them that it can be seen. */
export function barWidthMs(stepMs: number, msPerPx: number): number {
  return stepMs * Math.max(1, Math.ceil((LEAST_BAR_PX * msPerPx) / stepMs));
}

/** Workouts as bars with their names, steps as columns below them. */
export function ActivityLane({ frame, view, workouts, steps, stepMs, nameOf }: ActivityLaneProps) {
  const { top, height } = frame.lanes.activity;
  const foot = top + height;
  const widthMs = barWidthMs(stepMs, (view.toMs - view.fromMs) / (frame.right - frame.left));
  const bars = summed(steps.times, steps.values, widthMs);
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <g>
      {bars.filter(({ atMs, value }) => value > 0 && atMs + widthMs >= view.fromMs && atMs <= view.toMs).map(({ atMs, value }) => {
        const barHeight = Math.max((value / most) * (height - WORKOUT_PX - 2), 1);
        return <rect key={atMs} x={frame.xOf(atMs)} y={foot - barHeight} width={Math.max(frame.xOf(atMs + widthMs) - frame.xOf(atMs) - 1, 1)} height={barHeight} className="day-steps" />;
      })}
      {workouts.filter(({ start, end }) => Date.parse(end) >= view.fromMs && Date.parse(start) <= view.toMs).map((workout) => {
        const x = Math.max(frame.xOf(Date.parse(workout.start)), frame.left);
        const width = Math.max(Math.min(frame.xOf(Date.parse(workout.end)), frame.right) - x, 3);
        const name = nameOf(workout);
        return (
          <g key={workout.id}>
            <rect x={x} y={top} width={width} height={WORKOUT_PX} rx={3} className="day-workout" />
            {textWidth(name, 11.5) + 8 < width ? <text x={x + 4} y={top + 12} className="day-workout-name">{name}</text> : null}
          </g>
        );
      })}
    </g>
  );
}
