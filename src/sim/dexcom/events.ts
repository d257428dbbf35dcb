/** What people write down. vendors/dexcom.md, events record. */

import { DAY_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Treatment } from "../people/glucose.ts";
import type { Person } from "../people/person.ts";
import { chanceOf } from "../people/rng.ts";
import { recordIds, transmitterOf } from "./readings.ts";
import { timesOf } from "./times.ts";

interface EventBody {
  readonly atMs: number;
  readonly mark: string;
  readonly eventStatus: "created" | "updated" | "deleted";
  readonly eventType: string;
  readonly eventSubType: string | null;
  readonly unit: string | null;
  readonly value: string | number | null;
}

export interface EventWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** The cloud's present: what is edited later is still as it was. */
  readonly visibleMs: number;
}

/** Events of the closed window, as they stand at `visibleMs`: created, later perhaps updated or deleted under the same id. */
export function eventRecords(context: CloudContext, person: Person, window: EventWindow): object[] {
  const { who } = person;
  if (!who.cgm.hasEvents || context.given(person)) return [];
  const toMs = Math.min(window.toMs, window.visibleMs);
  const written = person.treatments(window.fromMs, toMs).flatMap((treatment) => writtenAs(context, person, treatment, window.visibleMs));
  const noted = remarks(context, person, window.fromMs, toMs);
  const makeId = recordIds(context, person, "event");
  return [...written, ...noted].toSorted((one, other) => one.atMs - other.atMs).map(({ atMs, mark, ...body }) => ({
    recordId: makeId(atMs, mark),
    ...timesOf(context, person, atMs),
    ...body,
    transmitterId: transmitterOf(context, person, atMs),
    transmitterGeneration: who.cgm.generation,
    displayDevice: who.cgm.displayDevice,
  }));
}

/** Most is written down once and right; some is corrected later, and some entered twice and the second taken back. */
function writtenAs(context: CloudContext, person: Person, treatment: Treatment, visibleMs: number): EventBody[] {
  const dice = chanceOf(context.seed, person.who.id, "log", Math.floor(treatment.atMs / 1000), treatment.kind);
  const isUnderWay = treatment.kind === "exercise" && treatment.atMs + treatment.amount * MINUTE_MS > visibleMs;
  if (dice.happens(0.06) || isUnderWay) return [];
  const isEdited = dice.happens(0.03) && visibleMs > treatment.atMs + 50 * MINUTE_MS;
  const amount = treatment.kind === "carbs" && isEdited ? treatment.amount + 5 : treatment.amount;
  const usual = wordsFor(treatment, amount, dice.next());
  const words = { ...usual, ...emptied(context, person, treatment) };
  const first: EventBody = { atMs: treatment.atMs, mark: treatment.kind, eventStatus: isEdited ? "updated" : "created", ...words };
  if (!dice.happens(0.025)) return [first];
  const twinMs = treatment.atMs + 20_000;
  if (twinMs > visibleMs) return [first];
  const isTakenBack = visibleMs > twinMs + 30 * MINUTE_MS;
  return [first, { ...first, atMs: twinMs, mark: `${treatment.kind}-twin`, eventStatus: isTakenBack ? "deleted" : "created" }];
}

function wordsFor(treatment: Treatment, amount: number, dice: number): Omit<EventBody, "atMs" | "mark" | "eventStatus"> {
  // The documents declare a text and show numbers; both occur.
  const value = dice < 0.8 ? String(amount) : amount;
  const { kind } = treatment;
  if (kind === "carbs") return { eventType: "carbs", eventSubType: null, unit: "grams", value };
  if (kind === "exercise") return { eventType: "exercise", eventSubType: treatment.effort ?? null, unit: "minutes", value: dice < 0.04 ? "-1.00" : value };
  const eventSubType = kind === "long" ? "longActing" : dice < 0.02 ? null : "fastActing";
  return { eventType: "insulin", eventSubType, unit: "units", value };
}

/** Unit and value are missing or empty now and then. */
function emptied(context: CloudContext, person: Person, { atMs, kind }: Treatment): Partial<Pick<EventBody, "unit" | "value">> {
  const chance = chanceOf(context.seed, person.who.id, "log-empty", Math.floor(atMs / 1000), kind);
  if (!chance.happens(0.01)) return {};
  return chance.happens(0.5) ? { unit: null, value: null } : { unit: "", value: "" };
}

const HEALTH: readonly [string, ...string[]] = ["illness", "stress", "highSymptoms", "lowSymptoms", "alcohol"];
const NOTES: readonly [string, ...string[]] = ["New sensor, left arm", "Ate out", "Slept badly", "Long meeting", "Changed the pen needle"];

/** About one remark in three days: how one feels, a note, a finger-stick. */
function remarks(context: CloudContext, person: Person, fromMs: number, toMs: number): EventBody[] {
  const found: EventBody[] = [];
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS <= toMs; day++) {
    const chance = chanceOf(context.seed, person.who.id, "remark", day);
    const atMs = day * DAY_MS + Math.floor(chance.between(0, DAY_MS / 1000)) * 1000;
    const kind = chance.next();
    if (kind > 0.3 || atMs < fromMs || atMs > toMs) continue;
    const common = { atMs, mark: "remark", eventStatus: "created" as const };
    const isUnknown = chanceOf(context.seed, person.who.id, "remark-unknown", day).happens(0.04);
    if (isUnknown) found.push({ ...common, eventType: "unknown", eventSubType: null, unit: null, value: null });
    else if (kind < 0.1) found.push({ ...common, eventType: "health", ...healthOf(context, person, day, chance.pick(HEALTH)) });
    else if (kind < 0.18) found.push({ ...common, eventType: kind < 0.11 ? "note" : "notes", eventSubType: null, unit: null, value: chance.pick(NOTES) });
    else {
      const near = context.sensed(person, atMs - 10 * MINUTE_MS, atMs).at(-1);
      if (near) found.push({ ...common, eventType: "bloodGlucose", eventSubType: null, ...fingerStick(context, person, day, near.mgDl * chance.between(0.93, 1.07)) });
    }
  }
  return found;
}

/** A health entry has no value; apps leave junk in it. */
function healthOf(context: CloudContext, person: Person, day: number, usual: string): Pick<EventBody, "eventSubType" | "unit" | "value"> {
  const chance = chanceOf(context.seed, person.who.id, "remark-health", day);
  const eventSubType = person.who.sex === "F" && chance.happens(0.2) ? "cycle" : usual;
  return { eventSubType, unit: null, value: chance.happens(0.1) ? "0" : null };
}

/** In mg/dL as a rule; mmol/L is accepted, too. */
function fingerStick(context: CloudContext, person: Person, day: number, mgDl: number): Pick<EventBody, "unit" | "value"> {
  const isMmol = chanceOf(context.seed, person.who.id, "remark-unit", day).happens(0.15);
  return isMmol ? { unit: "mmol/L", value: (mgDl / 18.0156).toFixed(1) } : { unit: "mg/dL", value: String(Math.round(mgDl)) };
}
