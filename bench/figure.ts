/** One measured figure. `goal` null: told for its own sake. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string | null;
  readonly met: boolean | null;
}

export function told(figure: string, value: number, unit: string): Figure {
  return { figure, value, unit, goal: null, met: null };
}

export function atLeast(figure: string, value: number, goal: number): Figure {
  return { figure, value, unit: "ratio", goal: `>= ${goal}`, met: value >= goal };
}

export function atMost(figure: string, value: number, unit: string, goal: number): Figure {
  return { figure, value, unit, goal: `<= ${goal}`, met: value <= goal };
}

/** The value below which the share `p` of the samples lies. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}
