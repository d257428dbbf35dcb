/** Rounding as the reference implementations and the consensus' displays do it. */

/**
 * Nearest multiple of 10^-digits, exact halves to the even neighbour (JavaScript's Math.round takes them up).
 * Source: cgm-metrics §0; it decides cadence, active percent and displayed percentages.
 */
export function roundHalfEven(value: number, digits = 0): number {
  const scale = 10 ** digits;
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  if (rest < 0.5) return floor / scale;
  if (rest > 0.5) return (floor + 1) / scale;
  return (floor % 2 === 0 ? floor : floor + 1) / scale;
}
