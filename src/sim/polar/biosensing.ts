/** What the newer sensors measure. vendors/polar.md, biosensing: bodytemperature, skintemperature, skincontacts, spo2, ecg. */

import { localDay, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Answer } from "../exchange.ts";
import { chanceOf, normalAt } from "../people/rng.ts";
import type { Visit } from "./asked.ts";
import { datesOf, deviceOf, gather, isAnswer, listed } from "./asked.ts";
import { isNightShown } from "./nights.ts";
import { utcStamp } from "./times.ts";

type Teller = (visit: Visit, date: string) => object[];

const inRange = (tell: Teller) => (visit: Visit): Answer => {
  const dates = datesOf(visit);
  return isAnswer(dates) ? dates : listed(gather(dates, (date) => tell(visit, date)).flat());
};

export const bodyTemperatures = inRange(bodyTemperatureOf);
export const skinTemperatures = inRange(skinTemperatureOf);
export const skinContacts = inRange(skinContactOf);
export const spo2Tests = inRange(spo2Of);
export const ecgTests = inRange(ecgOf);

const ECG_SAMPLES_PER_SECOND = 130;
const ECG_SECONDS = 30;

const hasSensor = ({ person }: Visit): boolean => person.who.watch.hasSkinTemperature;
const isShown = ({ context, shownFromMs }: Visit, atMs: number): boolean => atMs <= context.now() && atMs >= shownFromMs;

/** The skin at the wrist through the night; and on some days the core, by a sensor on the chest. */
function bodyTemperatureOf(visit: Visit, date: string): object[] {
  const { context, person } = visit;
  if (!hasSensor(visit) || !isNightShown(visit, date)) return [];
  const night = person.night(date);
  const vitals = person.vitals(date);
  const minutes = Math.floor((night.endMs - night.startMs) / MINUTE_MS);
  const series = (everyMinutes: number, celsius: (minute: number) => number): object[] =>
    Array.from({ length: Math.floor(minutes / everyMinutes) }, (_, index) => ({ temperature_celsius: celsius(index * everyMinutes), recording_time_delta_milliseconds: index * everyMinutes * MINUTE_MS }));
  const period = { source_device_id: deviceOf(person).device_id, start_time: utcStamp(night.startMs), end_time: utcStamp(night.endMs), modified_time: utcStamp(night.endMs + 6 * MINUTE_MS) };
  const skin = { ...period, measurement_type: "TM_SKIN_TEMPERATURE", sensor_location: "SL_DISTAL", samples: series(5, (minute) => vitals.skinAt(Math.floor(minute / 5))) };
  if (!chanceOf(context.seed, "polar-core", person.who.id, date).happens(0.3)) return [skin];
  const core = (minute: number): number => Math.round((36.6 + person.body(date).skinDeviation * 0.3 - 0.4 * Math.sin((minute / minutes) * Math.PI)) * 100) / 100;
  return [skin, { ...period, measurement_type: "TM_CORE_TEMPERATURE", sensor_location: "SL_PROXIMAL", samples: series(10, core) }];
}

function skinTemperatureOf(visit: Visit, date: string): object[] {
  if (!hasSensor(visit) || !isNightShown(visit, date)) return [];
  const { skinC } = visit.person.vitals(date);
  return [{ sleep_date: date, sleep_time_skin_temperature_celsius: skinC, deviation_from_baseline_celsius: visit.person.body(date).skinDeviation }];
}

/** The shower, as the watch noticed it: off and on again. */
function skinContactOf(visit: Visit, date: string): object[] {
  const { person } = visit;
  const day = localDay(person.who.zone, date);
  if (!hasSensor(visit) || !day || !isShown(visit, day.toMs)) return [];
  const { heartRate } = person.day(date);
  const changes: object[] = [];
  heartRate.forEach((rate, minute) => {
    const isOn = !Number.isNaN(rate);
    if (minute === 0 || isOn === Number.isNaN(heartRate[minute - 1] ?? Number.NaN)) changes.push({ skin_contact: isOn, recording_time_delta_milliseconds: minute * MINUTE_MS });
  });
  return [{ source_device_id: deviceOf(person).device_id, start_time: utcStamp(day.fromMs), end_time: utcStamp(day.toMs), modified_time: utcStamp(day.toMs), skin_contact_changes: changes }];
}

/** A test of the wrist, begun by hand. */
function testOf(visit: Visit, date: string, kind: string, share: number): { readonly atMs: number; readonly chance: ReturnType<typeof chanceOf> } | null {
  const chance = chanceOf(visit.context.seed, kind, visit.person.who.id, date);
  if (!hasSensor(visit) || !chance.happens(share)) return null;
  const atMs = visit.person.night(date).endMs + Math.round(chance.between(60, 600)) * MINUTE_MS;
  return isShown(visit, atMs) ? { atMs, chance } : null;
}

function spo2Of(visit: Visit, date: string): object[] {
  const test = testOf(visit, date, "polar-spo2", 0.4);
  if (!test) return [];
  const { person } = visit;
  const hasPassed = !test.chance.happens(0.15);
  return [{
    source_device_id: deviceOf(person).device_id, test_time: Math.floor(test.atMs / 1000), time_zone_offset: offsetMinutesAt(person.who.zone, test.atMs),
    test_status: hasPassed ? "SPO2_TEST_PASSED" : "SPO2_TEST_INCONCLUSIVE_TOO_LOW_OVERALL_QUALITY",
    // A test that came to nothing leaves zeros.
    blood_oxygen_percent: hasPassed ? person.vitals(date).spo2At(0) : 0,
    spo2_class: hasPassed ? "SPO2_CLASS_NORMAL" : "SPO2_CLASS_UNKNOWN", spo2_value_deviation_from_baseline: "DEVIATION_USUAL", spo2_quality_average_percent: hasPassed ? 91 : 34,
    average_heart_rate_bpm: person.body(date).restingHr + 9, heart_rate_variability_ms: hasPassed ? person.body(date).hrvMs : 0, spo2_hrv_deviation_from_baseline: "DEVIATION_USUAL", altitude_meters: 120,
  }];
}

function ecgOf(visit: Visit, date: string): object[] {
  const test = testOf(visit, date, "polar-ecg", 0.15);
  if (!test) return [];
  const { person } = visit;
  const heartRate = person.body(date).restingHr + 10;
  const times = Array.from({ length: ECG_SAMPLES_PER_SECOND * ECG_SECONDS }, (_, index) => Math.round((index * 1000) / ECG_SAMPLES_PER_SECOND));
  const key = Math.floor(test.atMs / 1000);
  return [{
    source_device_id: deviceOf(person).device_id, test_time: key, time_zone_offset: offsetMinutesAt(person.who.zone, test.atMs),
    average_heart_rate_bpm: heartRate, heart_rate_variability_ms: person.body(date).hrvMs, heart_rate_variability_level: "HRV_LEVEL_USUAL", rri_ms: Math.round(60_000 / heartRate),
    pulse_transit_time_systolic_ms: 212, pulse_transit_time_diastolic_ms: 268, pulse_transit_time_quality_index: 0.8,
    samples: times.map((ms) => ({ recording_time_delta_ms: ms, amplitude_mv: spike((ms * heartRate) / 60_000, normalAt(key, ms)) })),
    quality_measurements: [{ recording_time_delta_ms: 0, quality_level: "QUALITY_LEVEL_GOOD" }],
  }];
}

function spike(phase: number, noise: number): number {
  const bump = (center: number, width: number, height: number): number => height * Math.exp(-1 * (((phase % 1) - center) / width) ** 2);
  return Math.round((bump(0.35, 0.012, 0.95) + bump(0.6, 0.05, 0.24) + 0.006 * noise) * 1000) / 1000;
}
