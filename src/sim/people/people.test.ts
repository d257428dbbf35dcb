import { addDays, DAY_MS, HOUR_MS, localDate, MINUTE_MS } from "#units/time.ts";
import { describe, expect, it } from "vitest";
import type { Person } from "./person.ts";
import { createPeople } from "./person.ts";
import { uniformAt } from "./rng.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 10);
const SEED = 7;

function figures(person: Person, days = 90): { count: number; mean: number; cv: number; tir: number; low: number; high: number } {
  const values = person.readings(NOW_MS - days * DAY_MS, NOW_MS).map((reading) => reading.mgDl);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const share = (isCounted: (value: number) => boolean): number => (100 * values.filter(isCounted).length) / values.length;
  return {
    count: values.length, mean, cv: (100 * deviation) / mean,
    tir: share((value) => value >= 70 && value <= 180), low: share((value) => value < 70), high: share((value) => value > 180),
  };
}

function values(person: Person, day: number): string {
  return person.readings(NOW_MS - (day + 1) * DAY_MS, NOW_MS - day * DAY_MS).map((reading) => reading.mgDl).join();
}

/** The thirty local dates before today, latest first. */
function dates(person: Person): string[] {
  return Array.from({ length: 30 }, (_, day) => addDays(localDate(person.who.zone, NOW_MS), -day - 1));
}

describe("chance", () => {
  it("spreads evenly over [0, 1)", () => {
    const bins = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index++) bins[Math.floor(uniformAt(99, index) * 10)]! += 1;
    for (const bin of bins) expect(Math.abs(bin - 1000)).toBeLessThan(150);
  });
});

describe("the people", () => {
  it("are the same for a seed whatever is asked first", () => {
    const [forwards] = createPeople(SEED);
    const [backwards] = createPeople(SEED);
    const date = localDate(forwards.who.zone, NOW_MS);
    const dates = [-3, -2, -1].map((day) => addDays(date, day));
    const inOrder = dates.map((one) => forwards.day(one).heartRate.join());
    const reversed = dates.toReversed().map((one) => backwards.day(one).heartRate.join()).toReversed();
    expect(reversed).toEqual(inOrder);
    const whole = forwards.readings(NOW_MS - 20 * DAY_MS, NOW_MS);
    const part = backwards.readings(NOW_MS - 3 * DAY_MS, NOW_MS - 2 * DAY_MS);
    expect(part.length).toBeGreaterThan(200);
    expect(part).toEqual(whole.filter((reading) => reading.atMs >= NOW_MS - 3 * DAY_MS && reading.atMs <= NOW_MS - 2 * DAY_MS));
  });

  it("differ with the seed, the day and the person", () => {
    const [ana, liam] = createPeople(SEED) as [Person, Person];
    const [other] = createPeople(SEED + 1);
    expect(new Set([values(ana, 0), values(ana, 1), values(ana, 2), values(other, 0), values(liam, 0)]).size).toBe(5);
  });

  it("have the glucose their description promises", () => {
    const [ana, liam, grace, tomas, aroha, priya] = createPeople(SEED).map((person) => figures(person)) as [
      ReturnType<typeof figures>, ...ReturnType<typeof figures>[],
    ];
    expect(ana.tir).toBeGreaterThan(60);
    expect(ana.tir).toBeLessThan(80);
    expect(ana.cv).toBeGreaterThan(28);
    expect(ana.cv).toBeLessThan(38);
    expect(3.31 + 0.02392 * ana.mean).toBeGreaterThan(6.5);
    expect(3.31 + 0.02392 * ana.mean).toBeLessThan(7.8);
    expect(liam!.low).toBeGreaterThan(4);
    expect(grace!.high).toBeGreaterThan(50);
    expect(tomas!.low).toBeLessThan(1);
    expect(aroha!.tir).toBeGreaterThan(60);
    expect(priya!.tir).toBeGreaterThan(95);
  });

  it("wear their sensors most of the time, with gaps", () => {
    for (const person of createPeople(SEED)) {
      const { count } = figures(person);
      expect(count / (90 * 288)).toBeGreaterThan(0.93);
      expect(count / (90 * 288)).toBeLessThan(0.995);
    }
  });

  it("have readings in order that do not jump, across sensor changes too", () => {
    for (const person of createPeople(SEED)) {
      const readings = person.readings(NOW_MS - 60 * DAY_MS, NOW_MS);
      let jumps = 0;
      for (let index = 1; index < readings.length; index++) {
        const [before, after] = [readings[index - 1]!, readings[index]!];
        expect(after.atMs).toBeGreaterThan(before.atMs);
        if (after.atMs - before.atMs < 6 * MINUTE_MS && Math.abs(after.mgDl - before.mgDl) > 45) jumps += 1;
      }
      expect(jumps).toBeLessThan(3);
    }
  });

  it("leave the warm-up of a new sensor without readings", () => {
    const [ana] = createPeople(SEED);
    const session = ana.session(NOW_MS);
    const early = ana.readings(session.startMs, session.startMs + ana.who.cgm.warmUpMinutes * MINUTE_MS - 1);
    expect(early.filter((reading) => reading.session.number === session.number)).toEqual([]);
  });

  it("rise after meals and take insulin for them", () => {
    const [ana] = createPeople(SEED);
    const treatments = ana.treatments(NOW_MS - 30 * DAY_MS, NOW_MS);
    const meals = treatments.filter((one) => one.kind === "carbs" && one.amount >= 50);
    const covered = meals.filter((meal) => treatments.some((one) => one.kind === "rapid" && Math.abs(one.atMs - meal.atMs) < 20 * MINUTE_MS));
    expect(covered.length / meals.length).toBeGreaterThan(0.8);
    const rises = meals.map((meal) => {
      const around = ana.readings(meal.atMs - 10 * MINUTE_MS, meal.atMs + 90 * MINUTE_MS).map((reading) => reading.mgDl);
      return around.length > 10 ? Math.max(...around) - around[0]! : 0;
    });
    expect(rises.reduce((sum, rise) => sum + rise, 0) / rises.length).toBeGreaterThan(25);
    expect(treatments.filter((one) => one.kind === "long").length).toBeGreaterThanOrEqual(29);
  });
});

describe("a day on the wrist", () => {
  it("has believable steps, sleep and resting heart rate", () => {
    const [ana] = createPeople(SEED);
    const steps = dates(ana).map((date) => ana.day(date).steps.reduce((sum, count) => sum + count, 0));
    const mean = steps.reduce((sum, count) => sum + count, 0) / steps.length;
    expect(mean).toBeGreaterThan(4000);
    expect(mean).toBeLessThan(12_000);
    expect(new Set(steps).size).toBeGreaterThan(25);
    for (const date of dates(ana)) {
      const { deep, light, rem } = ana.night(date).seconds;
      expect((deep + light + rem) / 3600).toBeGreaterThan(3.5);
      expect((deep + light + rem) / 3600).toBeLessThan(10.5);
      expect(Math.abs(ana.body(date).restingHr - ana.who.restingHr)).toBeLessThan(10);
    }
  });

  it("tells nights whose stages fill them without gap or overlap", () => {
    for (const person of createPeople(SEED)) {
      for (const date of dates(person)) {
        const night = person.night(date);
        let atMs = night.startMs;
        for (const stretch of night.stretches) {
          expect(stretch.fromMs).toBe(atMs);
          expect(stretch.toMs).toBeGreaterThan(stretch.fromMs);
          atMs = stretch.toMs;
        }
        expect(atMs).toBe(night.endMs);
      }
    }
  });

  it("does not walk while asleep, and beats faster in a workout than at rest", () => {
    const [ana] = createPeople(SEED);
    const run = ana.workoutsBetween(NOW_MS - 20 * DAY_MS, NOW_MS).find((workout) => workout.sport === "run")!;
    const trace = ana.day(localDate(ana.who.zone, run.startMs));
    const first = Math.ceil((run.startMs - trace.startMs) / MINUTE_MS) + 5;
    const rates = trace.heartRate.subarray(first, first + 15);
    expect(Math.min(...rates)).toBeGreaterThan(ana.who.restingHr + 40);
    expect(trace.steps[first]).toBeGreaterThan(130);
    expect(trace.stress[Math.floor(first / 3)]).toBe(-2);
    trace.steps.forEach((count, minute) => {
      if (count > 0 && trace.workoutOf[minute]! < 0) expect(trace.isAsleep(trace.startMs + minute * MINUTE_MS)).toBe(false);
    });
  });

  it("keeps stress to 1–100 or a sentinel, and the body battery to 0–100 without jumps", () => {
    for (const person of createPeople(SEED)) {
      let last: number | null = null;
      for (const date of dates(person).toReversed()) {
        const trace = person.day(date);
        for (const level of trace.stress) expect((level >= 1 && level <= 100) || [-1, -2, -3, -4].includes(level)).toBe(true);
        for (const level of trace.battery) {
          expect(level).toBeGreaterThanOrEqual(0);
          expect(level).toBeLessThanOrEqual(100);
          if (last !== null) expect(Math.abs(level - last)).toBeLessThan(9);
          last = level;
        }
      }
    }
  });

  it("lasts 23 or 25 hours when the clocks change", () => {
    const [ana] = createPeople(SEED);
    expect(ana.day("2026-03-29").steps.length).toBe(23 * 60);
    expect(ana.day("2026-10-25").steps.length).toBe(25 * 60);
  });

  it("shows a workout added by a visitor in steps and heart rate, and leaves glucose alone", () => {
    const [ana] = createPeople(SEED);
    const before = ana.readings(NOW_MS - 3 * HOUR_MS, NOW_MS + 3 * HOUR_MS);
    const date = localDate(ana.who.zone, NOW_MS);
    const stepsBefore = ana.day(date).steps.reduce((sum, count) => sum + count, 0);
    const added = ana.addWorkout({ startMs: NOW_MS - 30 * MINUTE_MS, minutes: 25, sport: "walk" });
    expect(ana.workoutByNumber(added.number)).toEqual(added);
    expect(ana.day(date).steps.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(stepsBefore);
    expect(ana.readings(NOW_MS - 3 * HOUR_MS, NOW_MS + 3 * HOUR_MS)).toEqual(before);
  });
});

/** Mean of the first `count` values. */
function mean(count: number, at: (index: number) => number): number {
  return Array.from({ length: count }, (_, index) => at(index)).reduce((sum, value) => sum + value, 0) / count;
}

describe("a night and what follows from it", () => {
  it("has oxygen, breath, heart-rate variability and skin temperature around the night's own figures", () => {
    for (const person of createPeople(SEED)) {
      for (const date of dates(person).slice(0, 10)) {
        const [body, vitals] = [person.body(date), person.vitals(date)];
        expect(Math.abs(mean(400, vitals.spo2At) - body.spo2)).toBeLessThan(0.8);
        expect(Math.abs(mean(400, vitals.breathsAt) - body.respirationRate)).toBeLessThan(0.9);
        expect(Math.abs(mean(80, vitals.rmssdAt) / body.hrvMs - 1)).toBeLessThan(0.15);
        expect(Math.abs(mean(80, vitals.skinAt) - vitals.skinC)).toBeLessThan(0.4);
        expect(vitals.skinC).toBeGreaterThan(32);
        expect(vitals.skinC).toBeLessThan(37);
      }
    }
  });

  it("scores recovery over its whole range, higher with more variability and a slower heart", () => {
    for (const person of createPeople(SEED)) {
      const days = dates(person).map((date) => ({ ...person.recovery(date), body: person.body(date) }));
      const scores = days.map(({ score }) => score);
      expect(Math.min(...scores)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...scores)).toBeLessThanOrEqual(99);
      expect(Math.max(...scores) - Math.min(...scores)).toBeGreaterThan(20);
      const best = days.toSorted((one, other) => other.score - one.score);
      const average = (part: typeof best, of: (day: (typeof best)[number]) => number): number => part.reduce((sum, day) => sum + of(day), 0) / part.length;
      expect(average(best.slice(0, 10), ({ body }) => body.hrvMs)).toBeGreaterThan(average(best.slice(-10), ({ body }) => body.hrvMs));
      expect(average(best.slice(0, 10), ({ body }) => body.restingHr)).toBeLessThanOrEqual(average(best.slice(-10), ({ body }) => body.restingHr));
    }
  });

  it("does not change once told, whatever is asked before or added on the day itself", () => {
    const [one] = createPeople(SEED);
    const [other] = createPeople(SEED);
    const date = localDate(one.who.zone, NOW_MS);
    const first = one.recovery(date);
    one.addWorkout({ startMs: NOW_MS - 30 * MINUTE_MS, minutes: 25, sport: "run" });
    other.recovery(addDays(date, -3));
    expect(one.recovery(date)).toEqual(first);
    expect(other.recovery(date)).toEqual(first);
    expect(one.load(date)).toBeGreaterThan(other.load(date));
    expect(one.recovery(addDays(date, 1)).parts.load).toBeLessThan(other.recovery(addDays(date, 1)).parts.load);
  });

  it("weighs more of a training load on days with a workout", () => {
    const [, liam] = createPeople(SEED) as [Person, Person];
    const days = dates(liam).map((date) => ({ load: liam.load(date), isTrained: liam.workouts(date).length > 0 }));
    const loadsOf = (isTrained: boolean): number => {
      const loads = days.filter((day) => day.isTrained === isTrained).map(({ load }) => load);
      return mean(loads.length, (index) => loads[index]!);
    };
    expect(loadsOf(true)).toBeGreaterThan(1.5 * loadsOf(false));
    for (const { load } of days) expect(load).toBeGreaterThan(0);
  });
});

describe("what people measure on purpose", () => {
  it("is believable, after waking, and not there for who has no device", () => {
    for (const person of createPeople(SEED)) {
      const found = dates(person).map((date) => ({ cuff: person.cuffReading(date), scale: person.weighIn(date), warmth: person.temperatureReading(date), wakeMs: person.night(date).endMs }));
      expect(found.some(({ cuff }) => cuff !== null)).toBe(person.who.hasCuff);
      expect(found.filter(({ scale }) => scale !== null).length).toBeGreaterThan(2);
      for (const { cuff, scale, warmth, wakeMs } of found) {
        for (const measured of [cuff, scale, warmth]) if (measured) expect(measured.atMs).toBeGreaterThan(wakeMs);
        if (cuff) expect(cuff.systolic - cuff.diastolic).toBeGreaterThan(15);
        if (scale) expect(scale.leanKg).toBeLessThan(scale.weightKg);
        if (warmth) expect(Math.abs(warmth.celsius - 36.7)).toBeLessThan(1.3);
      }
    }
  });

  it("drinks one to four liters between waking and bedtime", () => {
    for (const person of createPeople(SEED)) {
      for (const date of dates(person).slice(0, 10)) {
        const drinks = person.drinks(date);
        const sum = drinks.reduce((total, drink) => total + drink.milliliters, 0);
        expect(sum).toBeGreaterThan(1000);
        expect(sum).toBeLessThan(4500);
        for (const { atMs } of drinks) expect(person.day(date).isAsleep(atMs)).toBe(false);
      }
    }
  });

  it("tells minutes across midnight and the change of clocks, each once", () => {
    const [ana] = createPeople(SEED);
    const fromMs = Date.UTC(2026, 9, 24, 21, 0, 30);
    const minutes = ana.minutes(fromMs, fromMs + 30 * HOUR_MS);
    expect(minutes.length).toBe(30 * 60);
    expect(minutes[0]!.atMs).toBe(fromMs + 30_000);
    for (const [index, { atMs }] of minutes.entries()) expect(atMs).toBe(minutes[0]!.atMs + index * MINUTE_MS);
    const day = ana.day("2026-10-25");
    const steps = minutes.filter(({ atMs }) => atMs >= day.startMs && atMs < day.endMs).reduce((sum, minute) => sum + minute.steps, 0);
    expect(steps).toBe(day.steps.reduce((sum, count) => sum + count, 0));
  });
});
