/** Geometry of a night: one lane per stage, a block per stretch, and the line that joins them. */

/** From the top lane to the bottom one. Only lanes that occur are drawn. */
export const STAGE_LANES = ["awake", "rem", "asleep", "light", "deep", "in_bed", "unmeasurable"] as const;
export type StageLane = (typeof STAGE_LANES)[number];

export interface StageStretch {
  readonly stage: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface HypnogramBlock {
  readonly stage: StageLane;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface HypnogramShape {
  readonly lanes: readonly { readonly stage: StageLane; readonly y: number; readonly height: number }[];
  readonly blocks: readonly HypnogramBlock[];
  /** SVG path of the thin steps between blocks that touch in time. */
  readonly steps: string;
}

const isLane = (stage: string): stage is StageLane => (STAGE_LANES as readonly string[]).includes(stage);

/** Lays out a night over `[startMs, endMs]`. Stages of unknown names and empty stretches are left out. */
export function hypnogram(
  stretches: readonly StageStretch[],
  span: { readonly startMs: number; readonly endMs: number },
  size: { readonly width: number; readonly height: number; readonly laneGap: number },
): HypnogramShape {
  const known = stretches
    .filter((stretch): stretch is StageStretch & { stage: StageLane } => isLane(stretch.stage) && stretch.endMs > stretch.startMs)
    .toSorted((a, b) => a.startMs - b.startMs);
  const present = STAGE_LANES.filter((lane) => known.some((stretch) => stretch.stage === lane));
  const lengthMs = span.endMs - span.startMs;
  if (present.length === 0 || lengthMs <= 0) return { lanes: [], blocks: [], steps: "" };

  const laneHeight = (size.height - size.laneGap * (present.length - 1)) / present.length;
  const yOf = (stage: StageLane): number => present.indexOf(stage) * (laneHeight + size.laneGap);
  const xOf = (ms: number): number => (Math.min(Math.max(ms - span.startMs, 0), lengthMs) / lengthMs) * size.width;
  const blocks = known.map((stretch) => ({
    stage: stretch.stage,
    x: xOf(stretch.startMs),
    y: yOf(stretch.stage),
    width: Math.max(xOf(stretch.endMs) - xOf(stretch.startMs), 1),
    height: laneHeight,
  }));
  return {
    lanes: present.map((stage) => ({ stage, y: yOf(stage), height: laneHeight })),
    blocks,
    steps: joinSteps(known, blocks),
  };
}

function joinSteps(stretches: readonly StageStretch[], blocks: readonly HypnogramBlock[]): string {
  let path = "";
  for (let index = 1; index < blocks.length; index += 1) {
    const from = blocks[index - 1]!;
    const to = blocks[index]!;
    const touch = stretches[index]!.startMs - stretches[index - 1]!.endMs <= 60_000;
    if (!touch || from.y === to.y) continue;
    const [top, bottom] = from.y < to.y ? [from.y + from.height, to.y] : [to.y + to.height, from.y];
    path += `M${round(to.x)} ${round(top)}V${round(bottom)}`;
  }
  return path;
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** Seconds spent in each lane that occurs, top to bottom. */
export function stageTotals(stretches: readonly StageStretch[]): { readonly stage: StageLane; readonly seconds: number }[] {
  return STAGE_LANES.map((stage) => ({
    stage,
    seconds: stretches
      .filter((stretch) => stretch.stage === stage && stretch.endMs > stretch.startMs)
      .reduce((sum, stretch) => sum + (stretch.endMs - stretch.startMs) / 1000, 0),
  })).filter(({ seconds }) => seconds > 0);
}
