import type { Sleep } from "#web/client/types.ts";
import { STAGE_LANES, type StageLane } from "#web/charts/hypnogram.ts";
import type { Frame } from "../layout.ts";
import type { View } from "../viewport.ts";

/** Rows from the lightest to the deepest; sleep without stages lies where light sleep does. */
const ROWS: Readonly<Record<StageLane, number>> = { awake: 0, rem: 1, asleep: 2, light: 2, deep: 3, in_bed: 0, unmeasurable: 0 };
const ROW_COUNT = 4;

const isStage = (stage: string): stage is StageLane => (STAGE_LANES as readonly string[]).includes(stage);

/** Nights, stage by stage. */
export function SleepLane({ frame, view, sleeps }: { readonly frame: Frame; readonly view: View; readonly sleeps: readonly Sleep[] }) {
  const { top, height } = frame.lanes.sleep;
  const row = height / ROW_COUNT;
  const shown = sleeps.filter(({ start, end }) => Date.parse(end) >= view.fromMs && Date.parse(start) <= view.toMs);
  return (
    <g>
      {shown.map((sleep) => {
        const stages = sleep.stages.length > 0 ? sleep.stages : [{ stage: "asleep", start: sleep.start, end: sleep.end }];
        return (
          <g key={sleep.id}>
            <rect x={frame.xOf(Date.parse(sleep.start))} y={top} width={Math.max(frame.xOf(Date.parse(sleep.end)) - frame.xOf(Date.parse(sleep.start)), 1)} height={height} className="day-night" />
            {stages.map(({ stage, start, end }) => {
              if (!isStage(stage)) return null;
              const x = frame.xOf(Date.parse(start));
              return <rect key={start} x={x} y={top + ROWS[stage] * row} width={Math.max(frame.xOf(Date.parse(end)) - x, 0.75)} height={row - 1} className={`stage stage-${stage}`} />;
            })}
          </g>
        );
      })}
    </g>
  );
}
