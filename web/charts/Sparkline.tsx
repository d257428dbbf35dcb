import { barRects, type LinePoint, sparkPath } from "./bars.ts";

const WIDTH = 240;
const HEIGHT = 48;
const PAD = 5;

/** A small line without axes; the number beside it carries the meaning, so it is hidden from screen readers. */
export function Sparkline({ points, maxJoinMs }: { points: readonly LinePoint[]; maxJoinMs: number }) {
  const { path, last } = sparkPath(points, { width: WIDTH - 2 * PAD, height: HEIGHT - 2 * PAD, maxJoinMs });
  return (
    <svg className="spark" viewBox={`${-PAD} ${-PAD} ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={path} className="spark-line" />
      {last ? <circle cx={last.x} cy={last.y} r="3.5" className="spark-dot" /> : null}
    </svg>
  );
}

export interface SparkBarsProps {
  readonly values: readonly (number | null)[];
  /** Value of full height. */
  readonly max: number;
  /** Bar that stands out. */
  readonly highlight?: number;
  readonly height?: number;
}

/** Small bars without axes. */
export function SparkBars({ values, max, highlight, height = HEIGHT }: SparkBarsProps) {
  const bars = barRects(values, max, { width: WIDTH, height, gap: 4 });
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
      <line x1="0" x2={WIDTH} y1={height - 0.5} y2={height - 0.5} className="spark-base" />
      {bars.map((bar) => (
        <rect
          key={bar.index}
          x={bar.x} y={bar.y} width={bar.width} height={bar.height} rx="2"
          className={bar.index === highlight ? "spark-bar spark-bar-last" : "spark-bar"}
        />
      ))}
    </svg>
  );
}
