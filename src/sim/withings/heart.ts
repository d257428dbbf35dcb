/** Electrocardiograms and what the cuff hears. vendors/withings.md, heart list. */

import { addDays, localDate, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Answer } from "../exchange.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, normalAt } from "../people/rng.ts";
import type { Visit } from "./asked.ts";
import { numberOf, pageOf, secondsOf, timesOf } from "./asked.ts";
import type { WithingsDevice } from "./devices.ts";
import { deviceOf } from "./devices.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";

export interface Recording {
  readonly atMs: number;
  readonly readyMs: number;
  readonly device: WithingsDevice;
  readonly heartRate: number;
  readonly pressure: { readonly systole: number; readonly diastole: number } | null;
  /** `afib`: 0 no, 1 yes, 2 inconclusive; `classCode` is the measure of the same. */
  readonly ecg: { readonly signalId: number; readonly afib: 0 | 1 | 2; readonly classCode: number } | null;
}

const SAMPLES_PER_SECOND = 300;
const SECONDS = 30;

/** The recording of the local date, of times to come too; null on a date without. The cuff records for those who have one, the watch for others. */
export function recordingOf(context: Pick<CloudContext, "seed">, person: Person, date: string): Recording | null {
  const chance = chanceOf(context.seed, "withings-ecg", person.who.id, date);
  const hasEcg = chance.happens(person.who.hasCuff ? 0.3 : 0.08);
  const afib = chance.happens(0.06) ? 2 : chance.happens(person.who.bornYear < 1965 ? 0.08 : 0) ? 1 : 0;
  const atWatchMs = person.night(date).endMs + Math.round(chance.between(40, 400)) * MINUTE_MS;
  const cuff = person.cuffReading(date);
  const device = deviceOf(person, person.who.hasCuff ? "cuff" : "watch");
  if (!device || (person.who.hasCuff ? !cuff || cuff.isTyped : !hasEcg)) return null;
  const atMs = cuff?.atMs ?? atWatchMs;
  return {
    atMs, device,
    readyMs: atMs + 2 * MINUTE_MS,
    heartRate: cuff?.pulse ?? person.body(date).restingHr + 12,
    pressure: cuff && { systole: cuff.systolic, diastole: cuff.diastolic },
    ecg: hasEcg ? { signalId: secondsOf(atMs) * 10 + person.who.index, afib, classCode: afib === 2 ? 3 : afib } : null,
  };
}

export function listRecordings({ context, person, fields }: Visit): Answer {
  const nowMs = context.now();
  const isOpen = !fields.has("startdate") && !fields.has("enddate");
  const times = isOpen ? { fromMs: nowMs - 90 * 24 * 60 * MINUTE_MS, toMs: nowMs } : timesOf(fields);
  if (!times) return withingsRefusal(STATUS.invalidParameters);
  const { zone, cgm } = person.who;
  const found: Recording[] = [];
  const last = localDate(zone, Math.min(times.toMs, nowMs));
  for (let date = [cgm.since, localDate(zone, times.fromMs)].toSorted()[1]!; date <= last; date = addDays(date, 1)) {
    const recording = recordingOf(context, person, date);
    if (recording && recording.readyMs <= nowMs && recording.atMs >= times.fromMs && recording.atMs <= times.toMs) found.push(recording);
  }
  const page = pageOf(context, fields, found);
  if (!page) return withingsRefusal(STATUS.invalidParameters);
  return withingsAnswer({ series: page.rows.map((one) => told(zone, one)), offset: page.offset, more: page.more });
}

function told(zone: string, { atMs, readyMs, device, heartRate, pressure, ecg }: Recording): object {
  return {
    deviceid: device.id, model: device.modelId, heart_rate: heartRate, timestamp: secondsOf(atMs), modified: secondsOf(readyMs), timezone: zone,
    ...(ecg ? { ecg: { signalid: ecg.signalId, afib: ecg.afib } } : {}),
    ...(pressure ? { bloodpressure: { diastole: pressure.diastole, systole: pressure.systole } } : {}),
    // Only the cuff listens to the valves.
    ...(ecg && pressure ? { stetho: { signalid: ecg.signalId + 1, vhd: 0 } } : {}),
  };
}

export function getSignal({ context, person, fields }: Visit): Answer {
  const id = numberOf(fields, "signalid");
  if (typeof id !== "number") return withingsRefusal(STATUS.invalidParameters);
  const recording = recordingOf(context, person, localDate(person.who.zone, Math.floor(id / 10) * 1000));
  if (recording?.ecg?.signalId !== id || recording.readyMs > context.now()) return withingsRefusal(STATUS.invalidParameters, "Invalid Params: invalid signalid");
  return withingsAnswer({
    signal: Array.from({ length: SAMPLES_PER_SECOND * SECONDS }, (_, index) => beatAt(index / SAMPLES_PER_SECOND, recording.heartRate, id)),
    sampling_frequency: SAMPLES_PER_SECOND, wearposition: recording.device.kind === "watch" ? 1 : 3, model: recording.device.modelId, heart_rate: recording.heartRate,
  });
}

/** Microvolts: a small wave, a spike, a round wave, and some noise. */
function beatAt(second: number, heartRate: number, key: number): number {
  const phase = (second * heartRate) / 60;
  const into = phase - Math.floor(phase);
  const bump = (center: number, width: number, height: number): number => height * Math.exp(-(((into - center) / width) ** 2));
  return Math.round(bump(0.2, 0.03, 90) - bump(0.335, 0.008, 120) + bump(0.35, 0.009, 950) - bump(0.368, 0.01, 210) + bump(0.6, 0.05, 240) + 6 * normalAt(key, Math.round(second * 1000)));
}
