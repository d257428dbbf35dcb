import { hypnogram, type StageStretch } from "./hypnogram.ts";

const WIDTH = 600;
const HEIGHT = 112;

export interface HypnogramProps {
  readonly stages: readonly StageStretch[];
  readonly startMs: number;
  readonly endMs: number;
  readonly label: string;
}

/** The course of one night, from awake (top) to deep (bottom). */
export function Hypnogram({ stages, startMs, endMs, label }: HypnogramProps) {
  const shape = hypnogram(stages, { startMs, endMs }, { width: WIDTH, height: HEIGHT, laneGap: 8 });
  return (
    // An <img> cannot be drawn by React; for a picture in SVG the role says what it is.
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
    <svg className="hypnogram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {shape.lanes.map(({ stage, y, height }) => (
        <rect key={stage} x="0" y={y} width={WIDTH} height={height} className="lane" />
      ))}
      <path d={shape.steps} className="stage-steps" />
      {shape.blocks.map((block) => (
        <rect
          key={`${block.stage} ${block.x}`}
          x={block.x} y={block.y} width={block.width} height={block.height} rx="2"
          className={`stage stage-${block.stage}`}
        />
      ))}
    </svg>
  );
}
