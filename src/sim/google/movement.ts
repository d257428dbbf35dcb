/** What the wrist and the phone count. vendors/google-health.md, value fields of the interval types. */

import { MINUTE_MS } from "#units/time.ts";
import type { DayTrace } from "../people/day.ts";
import { basalKilocalories, tallyDay } from "../people/energy.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt } from "../people/rng.ts";
import { maxHrOf } from "../people/workouts.ts";
import { rounded, whole } from "./times.ts";
import type { GoogleWorld, Maker, Point } from "./world.ts";

const SLOT_MINUTES = 15;
const MILLIMETERS_A_FLOOR = 3048;
/** Shorter than this nobody calls sedentary. */
const SEDENTARY_MINUTES = 10;

/** Minutes of the day that have passed. */
function passed({ context }: GoogleWorld, trace: DayTrace): number {
  return Math.max(0, Math.min(trace.steps.length, Math.floor((context.now() - trace.startMs) / MINUTE_MS)));
}

function stretch(trace: DayTrace, from: number, to: number, fields: Point["fields"]): Point {
  const endMs = trace.startMs + to * MINUTE_MS;
  return { startMs: trace.startMs + from * MINUTE_MS, endMs, readyMs: endMs, source: "watch", fields };
}

/** Minutes of which `fields` says something. */
const byMinute = (fields: (person: Person, trace: DayTrace, minute: number) => Point["fields"] | null): Maker => (world, person, date) => {
  const trace = person.day(date);
  const found: Point[] = [];
  for (let minute = 0; minute < passed(world, trace); minute++) {
    const told = fields(person, trace, minute);
    if (told) found.push(stretch(trace, minute, minute + 1, told));
  }
  return found;
};

/** Hours that have passed, each with what its minutes come to. */
const byHour = (fields: (person: Person, trace: DayTrace, from: number, to: number) => Point["fields"] | null): Maker => (world, person, date) => {
  const trace = person.day(date);
  const found: Point[] = [];
  for (let from = 0; from + 60 <= passed(world, trace); from += 60) {
    const told = fields(person, trace, from, from + 60);
    if (told) found.push(stretch(trace, from, from + 60, told));
  }
  return found;
};

/** Stretches of minutes that are of the same kind; null is of none. */
function runs<Kind extends string>(world: GoogleWorld, trace: DayTrace, kindAt: (minute: number) => Kind | null): { kind: Kind; from: number; to: number }[] {
  const found: { kind: Kind; from: number; to: number }[] = [];
  const end = passed(world, trace);
  for (let from = 0; from < end; ) {
    const kind = kindAt(from);
    let to = from + 1;
    while (to < end && kindAt(to) === kind) to++;
    if (kind !== null) found.push({ kind, from, to });
    from = to;
  }
  return found;
}

const hasMoved = (trace: DayTrace, minute: number): boolean => trace.steps[minute]! > 0 || trace.workoutOf[minute]! >= 0;

const stepsOnWrist = byMinute((_person, trace, minute) => (trace.steps[minute]! > 0 ? { count: whole(trace.steps[minute]!) } : null));
const wayOnWrist = byMinute((person, trace, minute) => {
  const { meters } = hasMoved(trace, minute) ? tallyDay(person.who, trace, minute, minute + 1) : { meters: 0 };
  return meters > 0 ? { millimeters: whole(meters * 1000) } : null;
});

/** The phone goes along now and then and counts the same walk again, in quarter hours and a little less. */
function withPhone(onWrist: Maker, name: "count" | "millimeters"): Maker {
  return (world, person, date) => {
    const wrist = onWrist(world, person, date);
    const key = hashOf(world.context.seed, person.who.id, "phone", date);
    const slots = Map.groupBy(wrist, ({ startMs }) => Math.floor(startMs / (SLOT_MINUTES * MINUTE_MS)));
    const phone = [...slots].flatMap(([slot, points]): Point[] => {
      const startMs = slot * SLOT_MINUTES * MINUTE_MS;
      const endMs = startMs + SLOT_MINUTES * MINUTE_MS;
      const sum = points.reduce((total, { fields }) => total + Number(fields[name]), 0);
      if (uniformAt(key, slot) > 0.35 || sum < 20 || endMs > world.context.now()) return [];
      return [{ startMs, endMs, readyMs: endMs, source: "phone", fields: { [name]: whole(sum * 0.93) } }];
    });
    return [...wrist, ...phone].toSorted((one, other) => one.startMs - other.startMs);
  };
}

export const steps = withPhone(stepsOnWrist, "count");
export const distance = withPhone(wayOnWrist, "millimeters");

/** The day's floors, spread over the minutes on foot. */
function climbs(world: GoogleWorld, person: Person, date: string, fields: Point["fields"]): Point[] {
  const trace = person.day(date);
  const onFoot = Array.from(trace.steps.keys()).filter((minute) => trace.steps[minute]! > 0);
  const every = Math.max(1, onFoot.length / Math.max(1, trace.floors));
  const minutes = Array.from({ length: Math.min(trace.floors, onFoot.length) }, (_, floor) => onFoot[Math.floor(floor * every)] ?? 0);
  return [...new Set(minutes)].filter((minute) => minute < passed(world, trace)).map((minute) => stretch(trace, minute, minute + 1, fields));
}

export const floors: Maker = (world, person, date) => climbs(world, person, date, { count: "1" });
export const altitude: Maker = (world, person, date) => climbs(world, person, date, { gainMillimeters: whole(MILLIMETERS_A_FLOOR) });

export const activeEnergyBurned = byMinute((person, trace, minute) => {
  const { kilocalories } = hasMoved(trace, minute) ? tallyDay(person.who, trace, minute, minute + 1) : { kilocalories: 0 };
  return kilocalories > 0 ? { kcal: rounded(kilocalories, 3) } : null;
});

export const basalEnergyBurned = byHour((person) => ({ kcal: rounded(basalKilocalories(person.who) / 24, 3) }));

/** Active and basal energy together, by the quarter hour so that a day under way shows early. */
export const totalCalories: Maker = (world, person, date) => {
  const trace = person.day(date);
  const found: Point[] = [];
  for (let from = 0; from < passed(world, trace); from += SLOT_MINUTES) {
    const to = Math.min(from + SLOT_MINUTES, passed(world, trace));
    const kcal = tallyDay(person.who, trace, from, to).kilocalories + (basalKilocalories(person.who) * (to - from)) / 1440;
    found.push(stretch(trace, from, to, { kcal: rounded(kcal, 3) }));
  }
  return found;
};

export type Zone = "LIGHT" | "MODERATE" | "VIGOROUS" | "PEAK";
/** Lower bounds as shares of the heart-rate reserve. */
const ZONES: readonly (readonly [Zone, number])[] = [["PEAK", 0.85], ["VIGOROUS", 0.6], ["MODERATE", 0.4], ["LIGHT", 0.2]];

/** Lower bounds of the person's zones, beats per minute, highest first. */
export function zoneBounds(person: Person): { zone: Zone; from: number }[] {
  const reserve = maxHrOf(person.who) - person.who.restingHr;
  return ZONES.map(([zone, share]) => ({ zone, from: Math.round(person.who.restingHr + reserve * share) }));
}

/** Whether a rate lies in a zone, for many rates of one person; null below all. */
export function zoneFinder(person: Person): (rate: number) => Zone | null {
  const bounds = zoneBounds(person);
  return (rate) => bounds.find(({ from }) => rate >= from)?.zone ?? null;
}

const KCAL_ZONES: readonly Zone[] = ["LIGHT", "MODERATE", "VIGOROUS", "PEAK"];

export const caloriesInHeartRateZone = byHour((person, trace, from, to) => {
  const zoneOf = zoneFinder(person);
  const sums = new Map<Zone, number>();
  for (let minute = from; minute < to; minute++) {
    const zone = zoneOf(trace.heartRate[minute]!);
    if (zone) sums.set(zone, (sums.get(zone) ?? 0) + tallyDay(person.who, trace, minute, minute + 1).kilocalories);
  }
  const zones = KCAL_ZONES.flatMap((heartRateZone) => (sums.has(heartRateZone) ? [{ heartRateZone, kcal: rounded(sums.get(heartRateZone)!, 3) }] : []));
  return zones.length > 0 ? { zones } : null;
});

export const timeInHeartRateZone: Maker = (world, person, date) => {
  const trace = person.day(date);
  const zoneOf = zoneFinder(person);
  return runs(world, trace, (minute) => zoneOf(trace.heartRate[minute]!)).map(({ kind, from, to }) => stretch(trace, from, to, { heartRateZoneType: kind }));
};

/** Moderate minutes count once, harder ones twice. */
const ZONE_MINUTES: Readonly<Record<Zone, readonly [heartRateZone: string, minutes: number] | null>> = {
  LIGHT: null, MODERATE: ["FAT_BURN", 1], VIGOROUS: ["CARDIO", 2], PEAK: ["PEAK", 2],
};

export const activeZoneMinutes: Maker = (world, person, date) => {
  const trace = person.day(date);
  const zoneOf = zoneFinder(person);
  const zones = byMinute((_person, { heartRate }, minute) => {
    const zone = zoneOf(heartRate[minute]!);
    const worth = zone && hasMoved(trace, minute) ? ZONE_MINUTES[zone] : null;
    return worth ? { heartRateZone: worth[0], activeZoneMinutes: whole(worth[1]) } : null;
  });
  return zones(world, person, date);
};

type Level = "LIGHT" | "MODERATE" | "VIGOROUS";

function levelFinder(person: Person, trace: DayTrace): (minute: number) => Level | null {
  const zoneOf = zoneFinder(person);
  return (minute) => {
    if (!hasMoved(trace, minute)) return null;
    const zone = zoneOf(trace.heartRate[minute]!);
    return zone === "PEAK" || zone === "VIGOROUS" ? "VIGOROUS" : zone === "MODERATE" ? "MODERATE" : "LIGHT";
  };
}

export const activeMinutes = byHour((person, trace, from, to) => {
  const levelAt = levelFinder(person, trace);
  const levels = Array.from({ length: to - from }, (_, index) => levelAt(from + index));
  const told = (["LIGHT", "MODERATE", "VIGOROUS"] as const).flatMap((activityLevel) => {
    const count = levels.filter((level) => level === activityLevel).length;
    return count > 0 ? [{ activityLevel, activeMinutes: whole(count) }] : [];
  });
  return told.length > 0 ? { activeMinutesByActivityLevel: told } : null;
});

const LEVEL_TYPES: Readonly<Record<Level, string>> = { LIGHT: "LIGHTLY_ACTIVE", MODERATE: "MODERATELY_ACTIVE", VIGOROUS: "VERY_ACTIVE" };

export const activityLevel: Maker = (world, person, date) => {
  const trace = person.day(date);
  const levelAt = levelFinder(person, trace);
  return runs(world, trace, (minute) => levelAt(minute) ?? "SEDENTARY").map(({ kind, from, to }) =>
    stretch(trace, from, to, { activityLevelType: kind === "SEDENTARY" ? kind : LEVEL_TYPES[kind] }));
};

export const sedentaryPeriod: Maker = (world, person, date) => {
  const trace = person.day(date);
  const still = runs(world, trace, (minute) => (hasMoved(trace, minute) || trace.isAsleep(trace.startMs + minute * MINUTE_MS) ? null : "still"));
  return still.filter(({ from, to }) => to - from >= SEDENTARY_MINUTES).map(({ from, to }) => stretch(trace, from, to, {}));
};

const POOL_METERS = 25;

export const swimLengthsData: Maker = (_world, person, date) =>
  person.workouts(date).filter(({ sport }) => sport === "swim").flatMap((workout) => {
    const lengths = Math.floor(workout.distanceMeters / POOL_METERS);
    const lengthMs = Math.floor((workout.movingSeconds * 1000) / Math.max(1, lengths));
    const readyMs = workout.startMs + workout.elapsedSeconds * 1000;
    return Array.from({ length: lengths }, (_, index): Point => {
      const startMs = workout.startMs + index * lengthMs;
      return { startMs, endMs: startMs + lengthMs, readyMs, source: "watch", fields: { strokeCount: whole(17 + (index % 4)), swimStrokeType: "FREESTYLE" } };
    });
  });
