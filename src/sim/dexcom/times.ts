/** How a Dexcom record writes its two times. vendors/dexcom.md, Time. */

import { formatWithOffset, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt } from "../people/rng.ts";

export interface RecordTimes {
  readonly systemTime: string;
  readonly displayTime: string;
}

/** A phone writes offsets, a receiver none; one odd phone leaves out seconds or puts some into an offset now and then. */
export function timesOf(context: Pick<CloudContext, "given">, person: Person, atMs: number): RecordTimes {
  const { cgm, zone } = person.who;
  const offset = offsetMinutesAt(context.given(person)?.zone ?? zone, atMs);
  const systemTime = formatWithOffset(atMs, 0);
  const displayTime = formatWithOffset(atMs, offset);
  if (cgm.displayDevice === "receiver") return { systemTime: systemTime.slice(0, 19), displayTime: displayTime.slice(0, 19) };
  if (!cgm.hasOddTimes) return { systemTime, displayTime };
  const odd = uniformAt(hashOf("odd-times"), Math.floor(atMs / 1000));
  if (odd < 0.01) return { systemTime: `${systemTime.slice(0, 16)}Z`, displayTime };
  if (odd < 0.02) return { systemTime, displayTime: withSeconds(atMs, offset) };
  return { systemTime, displayTime };
}

const part = (value: number): string => String(Math.floor(value)).padStart(2, "0");

/** The same wall clock two seconds early, with an offset that says so: `…+05:29:58`. */
function withSeconds(atMs: number, offset: number): string {
  const early = formatWithOffset(atMs - 2000, offset).slice(0, 19);
  const seconds = (offset * MINUTE_MS) / 1000 - 2;
  const size = Math.abs(seconds);
  return `${early}${seconds < 0 ? "-" : "+"}${part(size / 3600)}:${part((size % 3600) / 60)}:${part(size % 60)}`;
}
