/** What each person has of Withings', and their goals. vendors/withings.md, Identity; heart list. */

import { localDate, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, hexOf } from "../people/rng.ts";

export type DeviceKind = "scale" | "watch" | "mat" | "cuff" | "thermometer";

export interface WithingsDevice {
  readonly kind: DeviceKind;
  readonly id: string;
  readonly type: string;
  readonly model: string;
  readonly modelId: number;
}

const SHEETS: Readonly<Record<string, Omit<WithingsDevice, "id">>> = {
  bodyCardio: { kind: "scale", type: "Scale", model: "Body Cardio", modelId: 6 },
  bodyPlus: { kind: "scale", type: "Scale", model: "Body+", modelId: 5 },
  bodyScan: { kind: "scale", type: "Scale", model: "Body Scan", modelId: 16 },
  moveEcg: { kind: "watch", type: "Activity Tracker", model: "Move ECG", modelId: 91 },
  scanWatch: { kind: "watch", type: "Activity Tracker", model: "ScanWatch", modelId: 93 },
  mat: { kind: "mat", type: "Sleep Monitor", model: "Aura Sensor V2", modelId: 63 },
  cuff: { kind: "cuff", type: "Blood Pressure Monitor", model: "BPM Core", modelId: 44 },
  thermometer: { kind: "thermometer", type: "Smart Connected Thermometer", model: "Thermo", modelId: 70 },
};

const SCALES = ["bodyCardio", "bodyScan", "bodyPlus"] as const;

/** A mat lies in every other bed; a watch without an oxygen sensor is the plain one. */
export function devicesOf({ who }: Person): WithingsDevice[] {
  const names = [
    SCALES[who.index % SCALES.length] ?? "bodyPlus", who.watch.hasPulseOx ? "scanWatch" : "moveEcg", "thermometer",
    ...(who.index % 2 === 1 ? ["mat"] : []), ...(who.hasCuff ? ["cuff"] : []),
  ];
  return names.map((name) => ({ ...SHEETS[name]!, id: hexOf(40, "withings-device", who.id, name) }));
}

export function deviceOf(person: Person, kind: DeviceKind): WithingsDevice | null {
  return devicesOf(person).find((device) => device.kind === kind) ?? null;
}

/** The fields by which most rows name what measured. */
export function deviceFields(device: WithingsDevice | null): Record<string, unknown> {
  return { deviceid: device?.id ?? null, hash_deviceid: device?.id ?? null, model: device?.model ?? null, model_id: device?.modelId ?? null };
}

export function deviceList(context: CloudContext, person: Person): object {
  const { zone, cgm } = person.who;
  const chance = chanceOf(context.seed, "withings-battery", person.who.id, localDate(zone, context.now()));
  return {
    devices: devicesOf(person).map((device) => ({
      type: device.type, model: device.model, model_id: device.modelId, battery: chance.pick(["high", "high", "medium", "low"]),
      deviceid: device.id, hash_deviceid: device.id, timezone: zone,
      first_session_date: Math.floor(Date.parse(`${cgm.since}T08:00:00Z`) / 1000),
      last_session_date: Math.floor((context.now() - 20 * MINUTE_MS) / 1000),
    })),
  };
}

/** Whoever has set none gets an empty list in place of the object. */
export function goalsOf({ who }: Person): object {
  if (who.index % 3 === 2) return { goals: [] };
  return { goals: { steps: Math.round(who.stepsPerDay / 500) * 500, sleep: 28_800, weight: { value: Math.round(who.weightKg * 0.96 * 10) * 100, unit: -3 } } };
}
