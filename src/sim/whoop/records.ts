/** What WHOOP's records have in common: ids, times, and scores that come later or not at all. vendors/whoop.md, Fields. */

import { formatInstant, formatWithOffset, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import type { Person } from "../people/person.ts";
import { hashOf, uniformAt } from "../people/rng.ts";
import type { WhoopWorld } from "./world.ts";

export interface WhoopRecord {
  readonly id: string;
  /** Sorts the lists, newest first. */
  readonly startMs: number;
  /** When the cloud knows of it. */
  readonly readyMs: number;
  /** When it is scored; null for one that never is. */
  readonly scoredMs: number | null;
  tell(): Record<string, unknown>;
}

/** Between arriving and being scored. */
export const SCORING_MS = 8 * MINUTE_MS;
/** Until then records had ids of version 1, and workouts a number for the sport. */
export const FORMER_UNTIL_MS = Date.UTC(2025, 8, 1);
const UNSCORABLE_SHARE = 0.03;

export const iso = formatInstant;

export function userIdOf({ context }: Pick<WhoopWorld, "context">, person: Person): number {
  return 20_000_000 + (hashOf("whoop", context.seed, "user", person.who.id) % 900_000) * 10 + person.who.index;
}

/** `+hh:mm`, `-hh:mm`, or `Z` at Greenwich. */
export function timezoneOffset(person: Person, ms: number): string {
  const minutes = offsetMinutesAt(person.who.zone, ms);
  return minutes === 0 ? "Z" : formatWithOffset(ms, minutes).slice(-6);
}

/** When what is ready gets its score: null for the few that cannot be scored. */
export function scoredMsOf({ context }: WhoopWorld, kind: string, person: Person, readyMs: number): number | null {
  const isUnscorable = uniformAt(hashOf("whoop", context.seed, kind, person.who.id), Math.floor(readyMs / MINUTE_MS)) < UNSCORABLE_SHARE;
  return isUnscorable ? null : readyMs + SCORING_MS;
}

interface Scored {
  readonly readyMs: number;
  readonly scoredMs: number | null;
}

/** `created_at`, `updated_at`, `score_state`, and the score once there is one. */
export function scoreFields({ context }: WhoopWorld, { readyMs, scoredMs }: Scored, score: () => Record<string, unknown>): Record<string, unknown> {
  const isScored = scoredMs !== null && scoredMs <= context.now();
  return {
    created_at: iso(readyMs),
    updated_at: iso(isScored ? scoredMs : readyMs),
    score_state: isScored ? "SCORED" : scoredMs === null ? "UNSCORABLE" : "PENDING_SCORE",
    ...(isScored ? { score: score() } : {}),
  };
}

/** Strain, 0–21: the load saturates. */
export function strainOf(load: number): number {
  return round(21 * (1 - Math.exp(-load / 110)), 4);
}

export function round(value: number, decimals = 0): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

/** The reading that the day's recovery rests on is not taken every morning. */
export function isWithout({ context }: WhoopWorld, what: string, person: Person, date: string): boolean {
  return uniformAt(hashOf("whoop", context.seed, "without", what, person.who.id, date), 0) < 0.025;
}
