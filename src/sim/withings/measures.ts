/** Measure groups: scale, cuff, thermometer, spot readings. vendors/withings.md, getmeas; vendors/traps.md. */

import { addDays, localDate, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import { basalKilocalories } from "../people/energy.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { Visit } from "./asked.ts";
import { namesOf, numberOf, pageOf, secondsOf, timesOf } from "./asked.ts";
import type { WithingsDevice } from "./devices.ts";
import { deviceFields, deviceOf } from "./devices.ts";
import { STATUS, withingsAnswer, withingsRefusal } from "./envelope.ts";
import type { Answer } from "../exchange.ts";
import { recordingOf } from "./heart.ts";

export interface Measure {
  /** Real value is `value × 10^unit`. */
  readonly value: number;
  readonly type: number;
  readonly unit: number;
  /** Part of the body, in segmental measures. */
  readonly position?: number;
}

export interface MeasureGroup {
  readonly id: number;
  /** Who or what says so: 0 device, 1 device but unsure whose, 2 by hand, 4 by hand at sign-up, 5 mean of cuff readings, 8 as 0. */
  readonly attrib: number;
  readonly category: 1 | 2;
  readonly atMs: number;
  /** When it has reached the cloud. */
  readonly readyMs: number;
  readonly device: WithingsDevice | null;
  readonly measures: readonly Measure[];
}

const UPLOAD_MS = MINUTE_MS;
const ARMS_LEGS_TRUNK = [2, 3, 10, 11, 12];

/** Groups of the local date, those of times to come included. */
export function groupsOf(context: Pick<CloudContext, "seed">, person: Person, date: string): MeasureGroup[] {
  const day: Day = { person, date, chance: chanceOf(context.seed, "withings-measures", person.who.id, date) };
  return [...scaleGroups(day), ...cuffGroups(day), ...thermometerGroups(day), ...watchGroups(day), ...ecgGroups(context, day), ...profileGroups(day)];
}

interface Day {
  readonly person: Person;
  readonly date: string;
  readonly chance: ReturnType<typeof chanceOf>;
}

/** A whole number with its power of ten; `decimals` more of them than the value has are zeros. */
function measure(type: number, value: number, decimals: number, position?: number): Measure {
  return { value: Math.round(value * 10 ** decimals), type, unit: decimals === 0 ? 0 : -decimals, ...(position === undefined ? {} : { position }) };
}

function group(person: Person, place: number, atMs: number, rest: Pick<MeasureGroup, "attrib" | "device" | "measures"> & { category?: 2 }): MeasureGroup {
  return { id: secondsOf(atMs) * 100 + person.who.index * 10 + place, category: 1, atMs, readyMs: atMs + UPLOAD_MS, ...rest };
}

function scaleGroups({ person, date, chance }: Day): MeasureGroup[] {
  const found = person.weighIn(date);
  const device = deviceOf(person, "scale");
  if (!found || !device) return [];
  const { atMs, weightKg, leanKg, bodyFatPercent } = found;
  const groups = [group(person, 0, atMs, { attrib: 0, device, measures: bodyMeasures(person, { weightKg, leanKg, bodyFatPercent }, chance, device) })];
  // The same group twice, once more as "8" (vendors/traps.md).
  if (chance.happens(0.08)) groups.push({ ...groups[0]!, attrib: 8 });
  // Somebody else stepped on the scale, or nobody knows who.
  if (chance.happens(0.06)) groups.push(group(person, 1, atMs + 4 * MINUTE_MS, { attrib: 1, device, measures: [measure(1, weightKg * 0.81, 3)] }));
  return groups;
}

interface Composition {
  readonly weightKg: number;
  readonly leanKg: number;
  readonly bodyFatPercent: number;
}

function bodyMeasures(person: Person, body: Composition, chance: Day["chance"], device: WithingsDevice): Measure[] {
  const { weightKg, leanKg } = body;
  const weight = measure(1, weightKg, 3);
  // Feet in socks: the current did not pass, which is written as 0.
  if (chance.happens(0.06)) return [weight, measure(6, 0, 3), measure(8, 0, 2)];
  const composition = [
    weight, measure(6, body.bodyFatPercent, 3), measure(8, weightKg - leanKg, 2), measure(5, leanKg, 2), measure(76, leanKg * 0.54, 2),
    measure(77, leanKg * 0.732, 2), measure(88, leanKg * 0.052, 2),
  ];
  const repeated = chance.happens(0.06) ? [measure(1, weightKg, 2)] : [];
  if (device.model === "Body+") return [...composition, ...repeated];
  const heart = [measure(11, person.who.restingHr + 9, 0), measure(91, 5.2 + (2026 - person.who.bornYear) * 0.045, 3), measure(155, 2026 - person.who.bornYear + chance.between(-4, 4), 0)];
  if (device.model === "Body Cardio") return [...composition, ...heart, ...repeated];
  return [
    ...composition, ...heart, ...repeated,
    measure(168, leanKg * 0.29, 2), measure(169, leanKg * 0.442, 2), measure(170, 2 + body.bodyFatPercent / 8, 1),
    measure(226, basalKilocalories(person.who), 0), measure(227, 2026 - person.who.bornYear - 2, 0), measure(167, 71.4, 1), measure(196, 68, 0),
    ...ARMS_LEGS_TRUNK.flatMap((position) => {
      const share = position === 12 ? 0.48 : position >= 10 ? 0.17 : 0.09;
      // Limbs come under the segmental types, and muscle under the body's own type too (vendors/traps.md).
      return [measure(173, leanKg * share, 2, position), measure(174, (weightKg - leanKg) * share, 2, position), measure(76, leanKg * 0.54 * share, 2, position)];
    }),
  ];
}

function cuffGroups({ person, date, chance }: Day): MeasureGroup[] {
  const found = person.cuffReading(date);
  if (!found) return [];
  const { atMs, systolic, diastolic, pulse, isTyped } = found;
  const device = isTyped ? null : deviceOf(person, "cuff");
  const attrib = isTyped ? 2 : chance.happens(0.3) ? 5 : 0;
  // A beat that was not found is 0.
  const heart = chance.happens(0.05) ? 0 : pulse;
  return [group(person, 2, atMs, { attrib, device, measures: [measure(9, diastolic, 0), measure(10, systolic, 0), measure(11, heart, 0)] })];
}

function thermometerGroups({ person, date, chance }: Day): MeasureGroup[] {
  const found = person.temperatureReading(date);
  if (!found) return [];
  const measures = [measure(71, found.celsius, 3), measure(73, found.celsius - 2.1, 2), measure(12, chance.between(18, 24), 2)];
  return [group(person, 3, found.atMs, { attrib: 0, device: deviceOf(person, "thermometer"), measures })];
}

/** A look at the watch after getting up, and the fitness it works out once a week. */
function watchGroups({ person, date, chance }: Day): MeasureGroup[] {
  const device = deviceOf(person, "watch");
  const night = person.night(date);
  const groups: MeasureGroup[] = [];
  const atMs = night.endMs + Math.round(chance.between(30, 300)) * MINUTE_MS;
  if (person.who.watch.hasPulseOx && chance.happens(0.4)) groups.push(group(person, 4, atMs, { attrib: 0, device, measures: [measure(54, person.vitals(date).spo2At(0), 0)] }));
  if (new Date(`${date}T00:00:00Z`).getUTCDay() === 1) {
    groups.push(group(person, 5, night.endMs + 15 * MINUTE_MS, { attrib: 0, device, measures: [measure(123, person.body(date).vo2Running, 1), measure(139, 0, 0)] }));
  }
  return groups;
}

function ecgGroups(context: Pick<CloudContext, "seed">, { person, date }: Day): MeasureGroup[] {
  const recording = recordingOf(context, person, date);
  if (!recording?.ecg) return [];
  const { atMs, device, heartRate, ecg } = recording;
  const measures = [measure(130, ecg.classCode, 0), measure(135, 92, 0), measure(136, 161, 0), measure(137, 388, 0), measure(138, 404, 0), measure(11, heartRate, 0)];
  return [group(person, 6, atMs, { attrib: 0, device, measures })];
}

/** What was typed at sign-up, with a goal beside it. */
function profileGroups({ person, date }: Day): MeasureGroup[] {
  const { who } = person;
  if (date !== who.cgm.since) return [];
  const atMs = Date.parse(`${date}T09:00:00Z`);
  return [
    group(person, 7, atMs, { attrib: 4, device: null, measures: [measure(4, who.heightM, 2), measure(1, who.weightKg, 1)] }),
    group(person, 8, atMs + MINUTE_MS, { attrib: 2, device: null, measures: [measure(1, who.weightKg * 0.96, 1)], category: 2 }),
  ];
}

export function getMeasures({ context, person, fields }: Visit): Answer {
  const times = timesOf(fields);
  const since = numberOf(fields, "lastupdate");
  const category = numberOf(fields, "category");
  const types = [...namesOf(fields, "meastypes"), ...namesOf(fields, "meastype")].map(Number);
  const hasTimes = fields.has("startdate") || fields.has("enddate");
  const isUsable = !(hasTimes && !times) && since !== undefined && category !== undefined && !types.some(Number.isNaN);
  if (!isUsable) return withingsRefusal(STATUS.invalidParameters);
  const { zone, cgm } = person.who;
  const nowMs = context.now();
  const [first, last] = [times?.fromMs ?? (since ?? 0) * 1000, times?.toMs ?? nowMs].map((ms) => localDate(zone, Math.min(ms, nowMs)));
  const groups: MeasureGroup[] = [];
  for (let date = [cgm.since, addDays(first ?? "", -1)].toSorted()[1]!; date <= addDays(last ?? "", 1); date = addDays(date, 1)) {
    groups.push(...groupsOf(context, person, date));
  }
  const found = groups
    .map((one) => (types.length === 0 ? one : { ...one, measures: one.measures.filter(({ type }) => types.includes(type)) }))
    .filter((one) => one.readyMs <= nowMs && one.measures.length > 0 && (category ?? one.category) === one.category)
    .filter((one) => (times ? one.atMs >= times.fromMs && one.atMs <= times.toMs : one.readyMs >= (since ?? 0) * 1000))
    .toSorted((one, other) => other.atMs - one.atMs);
  const page = pageOf(context, fields, found);
  if (!page) return withingsRefusal(STATUS.invalidParameters);
  return withingsAnswer({
    updatetime: secondsOf(nowMs), timezone: zone, measuregrps: page.rows.map((one) => told(person, one)),
    // A number here, true or false everywhere else.
    more: page.more ? 1 : 0, offset: page.offset,
  });
}

function told({ who }: Person, { id, attrib, atMs, readyMs, category, device, measures }: MeasureGroup): object {
  return {
    grpid: id, attrib, date: secondsOf(atMs), created: secondsOf(readyMs), modified: secondsOf(readyMs), category,
    ...deviceFields(device), measures, timezone: who.zone, comment: null,
  };
}
