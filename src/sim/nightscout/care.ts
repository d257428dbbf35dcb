/** Notes, finger-sticks, changes of sensor and site: what else is in a care portal. vendors/nightscout.md, treatments. */

import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import type { DocParts } from "./doc.ts";
import { row } from "./row.ts";
import { uploaderOf } from "./site.ts";

const MG_DL_PER_MMOL_L = 18.0156;
/** A program that starts anew tells of its sensor again and again. */
const SENSOR_ROWS = 36;

export function careDocs(context: CloudContext, person: Person, fromMs: number, toMs: number): DocParts[] {
  const found: DocParts[] = [];
  for (let day = Math.floor(fromMs / DAY_MS) - 1; day * DAY_MS <= toMs; day++) {
    found.push(...ofDay(context, person, day), ...sensorRows(person, day));
  }
  return found;
}

function ofDay(context: CloudContext, person: Person, day: number): DocParts[] {
  const chance = chanceOf(context.seed, person.who.id, "nightscout-care", day);
  const atMs = day * DAY_MS + Math.floor(chance.between(0, DAY_MS / 1000)) * 1000;
  const isV3 = uploaderOf(person) === "aaps";
  const of = (eventType: string, body: Readonly<Record<string, unknown>>): DocParts => ({ kind: "care", atMs, isV3, body: row(person, atMs, eventType, body) });
  const found: DocParts[] = [];
  if (isV3 && day % 3 === 0) found.push({ ...of("Site Change", { notes: "left side" }), mark: "site" });
  if (isV3 && day % 7 === 0) found.push({ ...of("Profile Switch", { profile: "Weekday", percentage: 100, duration: 0 }), mark: "profile" });
  const kind = chance.next();
  if (kind < 0.1) found.push(of(kind < 0.05 ? "Note" : "Announcement", { notes: chance.pick(["Ate out", "Slept badly", "Long meeting", "New pen needle"]) }));
  else if (kind < 0.14) found.push(of("Temporary Target", { targetBottom: 140, targetTop: 160, duration: 90, reason: "Activity" }));
  else if (kind < 0.17) found.push(of("Pump Battery Change", {}));
  else if (kind < 0.4) found.push(...fingerStick(context, person, atMs, chance.next()).map((body) => of("BG Check", body)));
  return found;
}

/** In either unit, row by row; some are the sensor's own reading and no finger-stick. */
function fingerStick(context: CloudContext, person: Person, atMs: number, dice: number): Record<string, unknown>[] {
  const near = context.sensed(person, atMs - 10 * MINUTE_MS, atMs).at(-1);
  if (!near) return [];
  const mgDl = Math.round(near.mgDl * (0.95 + dice / 10));
  const inMmol = { glucose: Math.round((mgDl / MG_DL_PER_MMOL_L) * 10) / 10, units: dice < 0.3 ? "mmol" : "mmol/L" };
  const value = dice < 0.6 ? inMmol : { glucose: dice > 0.9 ? String(mgDl) : mgDl, units: dice > 0.8 ? "mg/dL" : "mg/dl" };
  return [{ ...value, glucoseType: dice > 0.5 && dice < 0.55 ? "Sensor" : "Finger" }];
}

/** One sensor, told of many times over in its first hours. */
function sensorRows(person: Person, day: number): DocParts[] {
  const { startMs } = person.session((day + 1) * DAY_MS);
  if (startMs <= day * DAY_MS) return [];
  const isV3 = uploaderOf(person) === "aaps";
  const count = uploaderOf(person) === "xdrip" ? SENSOR_ROWS : 1;
  return Array.from({ length: count }, (_, index): DocParts => {
    const atMs = startMs + index * 5 * MINUTE_MS;
    return { kind: "sensor", mark: String(index), atMs, isV3, writtenMs: startMs + HOUR_MS, body: row(person, atMs, "Sensor Start", {}) };
  });
}
