/** Readings, finger-sticks and calibrations as uploaders leave them. vendors/nightscout.md, entries. */

import { DAY_MS, formatInstant, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt } from "../people/rng.ts";
import type { Sensed } from "../series.ts";
import { docsOf, type Doc, type DocParts } from "./doc.ts";
import { KEPT_MS, uploaderOf, type Uploader } from "./site.ts";

const DEVICES: Readonly<Record<Uploader, string>> = { xdrip: "xDrip-DexcomG5", share: "share2", aaps: "AndroidAPS-DexcomG6" };
const LOW = 39;
const HIGH = 400;
/** Codes that a sensor gives instead of a reading. */
const ERROR_CODES = [5, 9, 10, 12] as const;

/** Documents whose `date` lies in the closed window, oldest first. */
export function entryDocs(context: CloudContext, person: Person, wantedMs: number, toMs: number): Doc[] {
  const fromMs = Math.max(wantedMs, context.now() - KEPT_MS);
  const make = docsOf(context, person);
  const readings = context.sensed(person, fromMs - MINUTE_MS, toMs).flatMap((sensed) => readingDocs(context, person, sensed));
  const parts = context.given(person) ? readings : [...readings, ...warmUps(person, fromMs, toMs), ...fingerSticks(context, person, fromMs, toMs)];
  return parts.map(make).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).toSorted((one, other) => one.atMs - other.atMs);
}

function common(person: Person, atMs: number): Record<string, unknown> {
  const uploader = uploaderOf(person);
  // A bridge sends UTC and knows no zone; a phone knows its own.
  const utcOffset = uploader === "share" ? 0 : offsetMinutesAt(person.who.zone, atMs);
  return { date: atMs, dateString: formatInstant(atMs), sysTime: formatInstant(atMs), utcOffset, device: DEVICES[uploader], ...(uploader === "aaps" ? { app: "AAPS" } : {}) };
}

function readingDocs(context: CloudContext, person: Person, { atMs, mgDl, rate }: Sensed): DocParts[] {
  const uploader = uploaderOf(person);
  const dice = uniformAt(hashOf(context.seed, person.who.id, "nightscout-sgv"), Math.floor(atMs / 1000));
  const sgv = mgDl < LOW ? LOW : mgDl > HIGH ? HIGH + (dice < 0.5 ? 0 : 1) : mgDl;
  const body = {
    ...common(person, atMs), type: "sgv",
    // Old programs write the number as a text.
    sgv: uploader === "xdrip" && dice > 0.98 ? String(sgv) : sgv,
    ...(dice > 0.97 && dice < 0.98 ? {} : { direction: directionOf(rate, dice) }),
    noise: dice < 0.9 ? 1 : 2,
    ...(uploader === "xdrip" ? { delta: rate === null ? 0 : rate * 5, filtered: mgDl * 1000, unfiltered: mgDl * 1003, rssi: 100 } : {}),
  };
  const doc: DocParts = { kind: "sgv", atMs, isV3: uploader === "aaps", body };
  if (uploader === "xdrip" && dice < 0.03) {
    // A date with a fraction of a millisecond.
    return [{ ...doc, atMs: atMs + 0.35, body: { ...body, date: atMs + 0.35 } }];
  }
  if (uploader === "share" && dice < 0.02) {
    // Local time written as if it were UTC: `date` is right.
    const local = formatInstant(atMs + offsetMinutesAt(person.who.zone, atMs) * MINUTE_MS);
    return [{ ...doc, body: { ...body, dateString: local, sysTime: local } }];
  }
  // A second program saw the same reading.
  if (uploader === "share" && dice > 0.96) return [doc, { ...doc, mark: "second", body: { ...body, device: "nightscout-connect" } }];
  return [doc];
}

function directionOf(rate: number | null, dice: number): string {
  if (rate === null) return dice < 0.5 ? "NOT COMPUTABLE" : "NONE";
  const size = Math.abs(rate);
  const way = rate > 0 ? "Up" : "Down";
  if (size > 5) return "RATE OUT OF RANGE";
  if (size >= 3.5) return `Triple${way}`;
  if (size >= 3) return `Double${way}`;
  if (size >= 2) return `Single${way}`;
  return size >= 1 ? `FortyFive${way}` : "Flat";
}

/** While a sensor warms up some programs write its error code, as a number or as a text. */
function warmUps(person: Person, fromMs: number, toMs: number): DocParts[] {
  if (uploaderOf(person) === "aaps") return [];
  const found: DocParts[] = [];
  for (let dayMs = fromMs - DAY_MS; dayMs < toMs + DAY_MS; dayMs += DAY_MS) {
    const { startMs, number } = person.session(dayMs);
    if (startMs <= dayMs - DAY_MS) continue;
    for (let step = 0; step < 4; step++) {
      const atMs = startMs + step * 5 * MINUTE_MS;
      const code = ERROR_CODES[(number + step) % ERROR_CODES.length] ?? 5;
      found.push({ kind: "code", atMs, body: { ...common(person, atMs), type: "sgv", sgv: step % 2 === 0 ? String(code) : code, direction: "NONE", noise: 0 } });
    }
  }
  return found;
}

/** Finger-sticks of the person's meter, and now and then a calibration made of one. */
function fingerSticks(context: CloudContext, person: Person, fromMs: number, toMs: number): DocParts[] {
  const key = hashOf(context.seed, person.who.id, "nightscout-mbg");
  const isV3 = uploaderOf(person) === "aaps";
  const found: DocParts[] = [];
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS <= toMs; day++) {
    if (uniformAt(key, day) > 0.4) continue;
    const atMs = day * DAY_MS + Math.floor(uniformAt(key + 1, day) * 86_400) * 1000;
    const near = context.sensed(person, atMs - 10 * MINUTE_MS, atMs).at(-1);
    if (!near) continue;
    const mbg = Math.round(near.mgDl * (0.94 + 0.12 * uniformAt(key + 2, day)));
    found.push({ kind: "mbg", atMs, isV3, body: { ...common(person, atMs), type: "mbg", mbg } });
    if (uniformAt(key + 3, day) < 0.3) {
      found.push({ kind: "cal", atMs: atMs + MINUTE_MS, isV3, body: { ...common(person, atMs + MINUTE_MS), type: "cal", slope: 853.1, intercept: 30_000, scale: 1 } });
    }
  }
  return found;
}
