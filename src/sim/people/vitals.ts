/** What a night shows of heart, blood, breath and skin. Every cloud that tells of a night reads it here, so that they tell of the same one. */

import type { BodyDay } from "./body.ts";
import type { Character } from "./characters.ts";
import { hashOf, normalAt, smoothAt } from "./rng.ts";

/** Indexes count from falling asleep; any whole number has a value, so a day can be told too. */
export interface Vitals {
  /** Oxygen saturation in the minute, whole percent. */
  readonly spo2At: (this: void, minute: number) => number;
  /** Breaths a minute, in tenths. */
  readonly breathsAt: (this: void, minute: number) => number;
  /** RMSSD of the five minutes, whole milliseconds. */
  readonly rmssdAt: (this: void, fiveMinutes: number) => number;
  /** Skin temperature of the five minutes, °C in hundredths; around `skinC` below. */
  readonly skinAt: (this: void, fiveMinutes: number) => number;
  /** Mean skin temperature of the night, °C: the person's own level and `BodyDay.skinDeviation`. */
  readonly skinC: number;
}

/** The vitals of the night that ends on `date`; `body` is that date's. */
export function describeVitals(seed: number, who: Character, date: string, body: BodyDay): Vitals {
  const key = (topic: string): number => hashOf(seed, who.id, topic, date);
  const [oxygen, breath, hrv, skin] = [key("spo2"), key("breath"), key("hrv"), key("skin-curve")];
  const skinC = hundredths(usualSkinC(seed, who) + body.skinDeviation);
  return {
    skinC,
    spo2At: (minute) => Math.max(84, Math.min(100, Math.round(body.spo2 + 0.8 * smoothAt(oxygen, minute / 12) + 0.5 * normalAt(oxygen + 1, minute)))),
    breathsAt: (minute) => Math.round((body.respirationRate + 0.9 * smoothAt(breath, minute / 10) + 0.3 * normalAt(breath + 1, minute)) * 10) / 10,
    rmssdAt: (step) => Math.max(8, Math.round(body.hrvMs * (1 + 0.14 * smoothAt(hrv, step / 5) + 0.08 * normalAt(hrv + 1, step)))),
    skinAt: (step) => hundredths(skinC + 0.2 * smoothAt(skin, step / 9) + 0.05 * normalAt(skin + 1, step)),
  };
}

/** Where the person's skin usually is at night, °C. */
export function usualSkinC(seed: number, who: Character): number {
  return hundredths(34.3 + 0.35 * normalAt(hashOf(seed, who.id, "skin-level"), 0));
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
