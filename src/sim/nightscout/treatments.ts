/** What people and their pumps did, as Nightscout's programs write it. vendors/nightscout.md, treatments. */

import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Treatment } from "../people/glucose.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, type Chance } from "../people/rng.ts";
import { careDocs } from "./care.ts";
import { docsOf, type Doc, type DocParts } from "./doc.ts";
import { pumpKey, tempBasals } from "./loop.ts";
import { row } from "./row.ts";
import { KEPT_MS, uploaderOf } from "./site.ts";

/** Carbohydrates are planned ahead by so much at most, and entered so much later at most. */
const PAD_MS = 6 * HOUR_MS;

/** Documents whose `created_at` lies in the closed window, oldest first; also such as are still to be written. */
export function treatmentDocs(context: CloudContext, person: Person, wantedMs: number, toMs: number): Doc[] {
  const fromMs = Math.max(wantedMs, context.now() - KEPT_MS);
  if (context.given(person)) return [];
  const make = docsOf(context, person);
  const window = { fromMs: fromMs - PAD_MS, toMs: toMs + PAD_MS };
  const parts = [
    ...person.treatments(window.fromMs, window.toMs).flatMap((treatment) => written(context, person, treatment)),
    ...careDocs(context, person, window.fromMs, window.toMs),
    ...(uploaderOf(person) === "aaps" ? tempBasals(context, person, window.fromMs, window.toMs) : []),
  ];
  return parts.map(make).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).toSorted((one, other) => one.atMs - other.atMs);
}

function written(context: CloudContext, person: Person, treatment: Treatment): DocParts[] {
  const dice = chanceOf(context.seed, person.who.id, "nightscout-log", Math.floor(treatment.atMs / 1000), treatment.kind);
  if (treatment.kind === "carbs") return eaten(person, treatment, dice);
  if (treatment.kind === "exercise") {
    const body = row(person, treatment.atMs, "Exercise", { duration: treatment.amount, notes: treatment.effort ?? "" });
    return [{ ...doc(person, treatment, body), writtenMs: treatment.atMs + treatment.amount * MINUTE_MS }];
  }
  if (treatment.kind === "long") {
    return [doc(person, treatment, row(person, treatment.atMs, "<none>", { insulin: treatment.amount, notes: "Basal pen" }))];
  }
  return uploaderOf(person) === "aaps" ? pumped(person, treatment, dice) : injected(person, treatment, dice);
}

function doc(person: Person, { kind, atMs }: Treatment, body: Record<string, unknown>): DocParts {
  return { kind, atMs, isV3: uploaderOf(person) === "aaps", body };
}

function eaten(person: Person, treatment: Treatment, dice: Chance): DocParts[] {
  const { atMs, amount } = treatment;
  const kind = dice.next();
  if (uploaderOf(person) === "aaps" && kind < 0.2) {
    // A slow meal: a third of it is entered ahead, for an hour later.
    const later = Math.round(amount / 3);
    const laterMs = atMs + HOUR_MS;
    return [
      doc(person, treatment, row(person, atMs, "Carb Correction", { carbs: amount - later })),
      { kind: "carbs", mark: "later", atMs: laterMs, writtenMs: atMs, isV3: true, body: row(person, laterMs, "Carb Correction", { carbs: later, duration: 60 }) },
    ];
  }
  if (uploaderOf(person) === "share" && kind < 0.1) {
    // Entered half an hour late; old rows keep the time that was meant beside the time of the entry.
    const enteredMs = atMs + 30 * MINUTE_MS;
    const body = row(person, enteredMs, "Carb Correction", { carbs: amount, eventTime: formatInstant(atMs) });
    return [{ kind: "carbs", mark: "late", atMs: enteredMs, body }];
  }
  // Older programs write amounts as texts.
  const carbs = kind > 0.95 && uploaderOf(person) === "xdrip" ? String(amount) : amount;
  const first = doc(person, treatment, row(person, atMs, kind < 0.5 ? "Carb Correction" : "Snack Bolus", { carbs, notes: kind < 0.3 ? "by eye" : "" }));
  return [first, ...takenBack(first, dice)];
}

/** Some entries are made twice, and the second is deleted half an hour later. */
function takenBack(first: DocParts, dice: Chance): DocParts[] {
  if (!dice.happens(0.04)) return [];
  const atMs = first.atMs + 20_000;
  return [{ ...first, mark: "twin", atMs, writtenMs: atMs, deletedMs: atMs + 30 * MINUTE_MS, body: { ...first.body, created_at: formatInstant(atMs), ...("date" in first.body ? { date: atMs } : {}) } }];
}

function injected(person: Person, treatment: Treatment, dice: Chance): DocParts[] {
  const insulin = dice.happens(0.05) ? String(treatment.amount) : treatment.amount;
  const first = doc(person, treatment, row(person, treatment.atMs, dice.happens(0.7) ? "Meal Bolus" : "Correction Bolus", { insulin }));
  return [first, ...takenBack(first, dice)];
}

/** A pump's bolus; a large one may be given in two parts, the second over two hours. One in thirty was sent twice after the phone was set up anew. */
function pumped(person: Person, treatment: Treatment, dice: Chance): DocParts[] {
  const { atMs, amount } = treatment;
  const key = pumpKey(atMs);
  if (amount >= 4 && dice.happens(0.35)) {
    const [splitNow, splitExt, duration] = [60, 40, 120];
    const body = row(person, atMs, "Combo Bolus", {
      ...key, splitNow, splitExt, duration, enteredinsulin: amount, insulin: (amount * splitNow) / 100, relative: ((amount * splitExt) / 100 / duration) * 60,
    });
    return [doc(person, treatment, body)];
  }
  const body = row(person, atMs, "Correction Bolus", { ...key, insulin: amount, type: "NORMAL", isBasalInsulin: false });
  const first = doc(person, treatment, body);
  return dice.happens(1 / 30) ? [first, { ...first, mark: "again", writtenMs: atMs + DAY_MS / 2 }] : [first];
}
