/** What people log, and who they are. vendors/terra.md, Menstruation, HormoneSample, HealthObservation, Athlete. */

import { addDays, DAY_MS, formatWithOffset, HOUR_MS, localDate, localDay, offsetMinutesAt } from "#units/time.ts";
import type { CloudContext } from "../cloud.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, uuidOf } from "../people/rng.ts";

const PERIOD_DAYS = 5;
/** Who tracks a cycle was born after this. */
const BORN_AFTER = 1976;
/** Medium, heavy, medium, light, light. */
const FLOWS = [3, 4, 3, 2, 2];
const PHASES = { period: 1, follicular: 2, luteal: 5 } as const;

/** Microseconds and the person's offset. */
export function at(person: Person, ms: number): string {
  const text = formatWithOffset(ms, offsetMinutesAt(person.who.zone, ms));
  return text.includes(".") ? text.replace(/\.(\d{3})/, ".$1000") : text.replace(/([+-]\d{2}:\d{2}|Z)$/, ".000000$1");
}

interface CycleDay {
  /** From 1. */
  readonly day: number;
  readonly cycleDays: number;
}

/** A regular cycle, counted from a day of the person's own; null for who tracks none. */
function cycleOn(seed: number, { who }: Person, date: string): CycleDay | null {
  if (who.sex !== "F" || who.bornYear <= BORN_AFTER) return null;
  const chance = chanceOf(seed, who.id, "terra-cycle");
  const cycleDays = Math.round(chance.between(26, 31));
  const anchor = Math.floor(chance.between(0, cycleDays));
  return { day: ((Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS) - anchor) % cycleDays) + 1, cycleDays };
}

/** MenstruationData of a day; null for who tracks none. */
export function cycle(seed: number, person: Person, { date, nowMs }: { readonly date: string; readonly nowMs: number }): object | null {
  const found = cycleOn(seed, person, date);
  const start = localDay(person.who.zone, date);
  if (!found || !start) return null;
  const { day, cycleDays } = found;
  const flow = FLOWS[day - 1];
  const flowMs = start.fromMs + 9 * HOUR_MS;
  const ovulation = cycleDays - 14;
  return {
    period_length_days: PERIOD_DAYS, day_in_cycle: day, cycle_length_days: cycleDays, predicted_cycle_length_days: cycleDays, is_predicted_cycle: false,
    current_phase: day <= PERIOD_DAYS ? PHASES.period : day < ovulation ? PHASES.follicular : PHASES.luteal, period_start_date: addDays(date, 1 - day),
    ovulation_day: addDays(date, ovulation - day), fertility_window_start: addDays(date, ovulation - 5 - day), fertility_window_end: addDays(date, ovulation + 1 - day),
    last_updated_time: at(person, Math.min(flowMs, nowMs)), intervals: [],
    menstruation_flow: flow === undefined || flowMs > nowMs ? [] : [{ timestamp: at(person, flowMs), flow }],
  };
}

/** HormoneSample of this morning, where a cycle is tracked. */
export function hormones(person: Person, nowMs: number): object[] {
  if (person.who.sex !== "F" || person.who.bornYear <= BORN_AFTER) return [];
  const morning = (localDay(person.who.zone, localDate(person.who.zone, nowMs))?.fromMs ?? nowMs) - 17 * HOUR_MS;
  return [{ timestamp: at(person, morning), lh_mIU_per_ml: 6.2, e3g_ng_per_ml: 110, pdg_ug_per_ml: null, hcg_mIU_per_ml: null, fsh_mIU_per_ml: null }];
}

/** A headache yesterday, and a tablet for it. */
export function observations(context: Pick<CloudContext, "seed">, person: Person, nowMs: number): object[] {
  const yesterday = localDay(person.who.zone, addDays(localDate(person.who.zone, nowMs), -1));
  if (!yesterday) return [];
  const observed = (hour: number, observation: Readonly<Record<string, unknown>>): object => {
    const time = at(person, yesterday.fromMs + hour * HOUR_MS);
    const id = uuidOf(context.seed, "terra-observation", person.who.id, yesterday.fromMs, hour);
    return { metadata: { start_time: time, end_time: time, summary_id: id, timestamp_localization: 1 }, observation_data: { codes: [], components: [], notes: null, status: 1, severity: null, value: null, ...observation } };
  };
  return [
    observed(15, { category: 1, observation_type: "headache", severity: 2 }),
    observed(16, { category: 4, observation_type: "medication_taken", value: { value_type: 1, quantity: 1, unit: "tablet", boolean: null, text: null, code: null } }),
  ];
}

export function athlete({ who }: Person, nowMs: number): object {
  return {
    age: new Date(nowMs).getUTCFullYear() - who.bornYear, country: null, bio: null, state: null, first_name: who.name.split(" ")[0] ?? null, last_name: null, sex: who.sex === "F" ? "female" : "male",
    gender: null, city: null, email: null, date_of_birth: `${who.bornYear}-01-01`, account_creation_date: null, provider_user_id: who.id,
  };
}
