/** Quality flags of a sample as bits, in the order of the table. Stored: never change a bit, only add. */
const BITS = {
  below_range: 1,
  above_range: 2,
  manual: 4,
  estimated: 8,
  day_total: 16,
  calibration: 32,
} as const;

export type FlagName = keyof typeof BITS;

const NAMES = Object.keys(BITS) as FlagName[];

export function flagBits(flags: readonly FlagName[] | undefined): number {
  return (flags ?? []).reduce((bits, flag) => bits | BITS[flag], 0);
}

export function flagNames(bits: number): FlagName[] {
  return NAMES.filter((name) => (bits & BITS[name]) !== 0);
}
