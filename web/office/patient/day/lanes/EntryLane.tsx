import { textWidth } from "#charts/text-width.ts";
import type { Entry } from "../entries.ts";
import { type Frame, type LaneName, withRoom } from "../layout.ts";
import type { View } from "../viewport.ts";

type Shown = Extract<LaneName, "bolus" | "basal" | "carbohydrates" | "notes">;

/** Each lane has its shape, so that colour is not what tells them apart. */
const SHAPES: Readonly<Record<Shown, string>> = { bolus: "M-5-5H5L0 5Z", basal: "M-5-5H5V5H-5Z", carbohydrates: "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z", notes: "M0-6L1.6-1.6L6 0L1.6 1.6L0 6L-1.6 1.6L-6 0L-1.6-1.6Z" };

export interface EntryLaneProps {
  readonly frame: Frame;
  readonly view: View;
  readonly lane: Shown;
  /** Of this lane, ascending. */
  readonly entries: readonly Entry[];
}

/** What was entered, as marks with their amounts; what lasts is a bar as long as it lasted. An amount without room is in the table and under the pointer. */
export function EntryLane({ frame, view, lane, entries }: EntryLaneProps) {
  const { top, height } = frame.lanes[lane];
  const y = top + height / 2;
  const shown = entries.filter(({ atMs, endMs }) => (endMs ?? atMs) >= view.fromMs && atMs <= view.toMs);
  const places = shown.map(({ atMs, label }) => ({ x: Math.max(frame.xOf(atMs), frame.left) + 8, width: label === "" ? 0 : textWidth(label, 12) + 2 }));
  const room = withRoom(places, frame.right);
  return (
    <g>
      {shown.map(({ id, atMs, endMs, label }, index) => {
        const x = frame.xOf(atMs);
        const end = endMs === null ? null : Math.min(frame.xOf(endMs), frame.right);
        return (
          <g key={id} className={`day-entry day-entry-${lane}`}>
            {end !== null && end - x > 12
              ? <rect x={Math.max(x, frame.left)} y={y - 8} width={Math.max(end - Math.max(x, frame.left) - 1, 1)} height={16} rx={3} className="day-lasting" />
              : x < frame.left ? null : <path d={SHAPES[lane]} transform={`translate(${x.toFixed(1)} ${y})`} />}
            {room[index] && label !== "" ? <text x={places[index]!.x} y={y + 4} className="day-amount">{label}</text> : null}
          </g>
        );
      })}
    </g>
  );
}
