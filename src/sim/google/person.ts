/** Who the person is: identity, profile, settings, devices, rhythm notifications. vendors/google-health.md, Identity. */

import { offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf, hexOf } from "../people/rng.ts";
import { fitbitUserId } from "../fitbit/identity.ts";
import { civilDate, duration, instant } from "./times.ts";
import { wearable } from "./wearable.ts";

/** Nineteen digits, the same for the person in every project. */
export function healthUserId(context: Pick<CloudContext, "seed">, person: Person): string {
  const half = (part: string): string => String(hashOf(context.seed, "health-user", part, person.who.id) % 1_000_000_000).padStart(9, "0");
  return `${1 + person.who.index}${half("high")}${half("low")}`;
}

export function identityOf(context: CloudContext, person: Person): object {
  return { name: "users/me/identity", healthUserId: healthUserId(context, person), legacyUserId: fitbitUserId(context, person) };
}

export function profileOf(context: CloudContext, { who }: Person): object {
  return {
    name: "users/me/profile",
    age: new Date(context.now()).getUTCFullYear() - who.bornYear,
    membershipStartDate: civilDate(who.cgm.since),
    autoWalkingStrideLengthMm: Math.round(who.heightM * 415),
    autoRunningStrideLengthMm: Math.round(who.heightM * 620),
  };
}

export function settingsOf(context: CloudContext, { who }: Person): object {
  const isImperial = who.zone === "America/New_York";
  return {
    name: "users/me/settings",
    timeZone: who.zone,
    utcOffset: duration(offsetMinutesAt(who.zone, context.now()) * 60),
    languageLocale: "en_GB",
    // How the app shows things: data points have the same units for everybody.
    distanceUnit: isImperial ? "DISTANCE_UNIT_MILES" : "DISTANCE_UNIT_KILOMETERS",
    weightUnit: isImperial ? "WEIGHT_UNIT_POUNDS" : "WEIGHT_UNIT_KILOGRAMS",
    glucoseUnit: who.zone === "Europe/London" ? "GLUCOSE_UNIT_MMOL_L" : "GLUCOSE_UNIT_MG_DL",
    temperatureUnit: isImperial ? "TEMPERATURE_UNIT_FAHRENHEIT" : "TEMPERATURE_UNIT_CELSIUS",
    autoStrideEnabled: true,
  };
}

export function devicesOf(context: CloudContext, person: Person): object[] {
  const device = (kind: string, deviceVersion: string, batteryLevel: number, features: string[]): object => {
    const mac = hexOf(12, context.seed, person.who.id, kind).toUpperCase();
    return {
      name: `users/me/pairedDevices/${hashOf(context.seed, person.who.id, kind)}`, deviceType: kind, deviceVersion,
      batteryLevel, batteryStatus: batteryLevel > 60 ? "High" : "Medium", lastSyncTime: instant(context.now() - 240_000), macAddress: mac.match(/../g)?.join(":") ?? mac,
      ...(features.length > 0 ? { features } : {}),
    };
  };
  return [
    device("TRACKER", wearable(person).displayName, 40 + (hashOf("battery", person.who.id) % 60), ["STEPS", "DISTANCE", "CALORIES", "HEART_RATE", "ACTIVE_ZONE_MINUTES", ...(person.who.workouts.some(({ sport }) => sport === "swim") ? ["SWIM"] : [])]),
    device("SCALE", "Aria Air", 80, []),
  ];
}

/** Whoever may have notifications of an irregular rhythm; a false is left out. */
export function rhythmProfile(context: CloudContext, { who }: Person): object {
  const isOn = who.bornYear <= 1965;
  return { name: "users/me/irnProfile", ...(isOn ? { onboardingStatus: true, enrollmentStatus: true, updateTime: instant(context.now() - 240_000) } : {}) };
}
