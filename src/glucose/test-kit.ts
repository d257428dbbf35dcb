/** What tests of this room share. */
import { HOUR_MS, instantOfWall, MINUTE_MS } from "#units/time.ts";

export { HOUR_MS, MINUTE_MS };

/** Instant at which the zone's clock shows this wall time. */
export function startOfLocal(zone: string, wallMs: number): number {
  return instantOfWall(zone, wallMs);
}
