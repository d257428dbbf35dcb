/** What a document is at Oura: an id, the day it is filed under, and fields. vendors/oura.md, Data endpoints. */

import { formatWithOffset, localDay, MINUTE_MS, offsetMinutesAt } from "#units/time.ts";
import { datedUuid } from "../people/dated.ts";
import type { Person } from "../people/person.ts";
import { chanceOf, uuidOf } from "../people/rng.ts";
import type { OuraWorld } from "./world.ts";

export interface OuraDocument {
  readonly id: string;
  /** Local date. */
  readonly day: string;
  /** When the app has brought it to the cloud. */
  readonly readyMs: number;
  /** The fields besides `id`, as they stand now. */
  tell(): Record<string, unknown>;
}

/** The documents that one local date has, those to come included. */
export type Teller = (world: OuraWorld, person: Person, date: string) => OuraDocument[];

export interface DocumentKey {
  readonly collection: string;
  readonly date: string;
  /** Tells apart the documents of one day. */
  readonly ordinal?: string | number;
}

/** It looks like a UUID and says the day: see `dateOfUuid`. */
export function documentId({ context }: Pick<OuraWorld, "context">, person: Person, { collection, date, ordinal = 0 }: DocumentKey): string {
  return datedUuid(date, "oura", context.seed, collection, person.who.id, ordinal);
}

export function ouraUserId({ context }: Pick<OuraWorld, "context">, person: Person): string {
  return uuidOf("oura", context.seed, "user", person.who.id);
}

/** `2026-11-18T22:45:00+01:00`. */
export function localTime(person: Person, ms: number): string {
  return formatWithOffset(ms, offsetMinutesAt(person.who.zone, ms));
}

/** The same with milliseconds, as samples and outings have it. */
export function localTimeMs(person: Person, ms: number): string {
  const text = localTime(person, ms);
  return text.includes(".") ? text : `${text.slice(0, 19)}.000${text.slice(19)}`;
}

export function midnightMs(person: Person, date: string): number {
  const window = localDay(person.who.zone, date);
  if (!window) throw new RangeError(`${date} is no date`);
  return window.fromMs;
}

const SYNC_MS = 10 * MINUTE_MS;

/** Ring and phone speak in the background every ten minutes; nothing later than this has reached the cloud. */
export function syncedMs(world: Pick<OuraWorld, "context">): number {
  return Math.floor(world.context.now() / SYNC_MS) * SYNC_MS;
}

/** When the person opens the app in the morning: sleep and what rests on it reach the cloud then. */
export function openedMs(world: Pick<OuraWorld, "context">, person: Person, date: string): number {
  return person.night(date).endMs + Math.round(chanceOf(world.context.seed, "oura", person.who.id, "opens", date).between(6, 45)) * MINUTE_MS;
}

export interface Sample {
  /** Seconds. */
  readonly interval: number;
  readonly items: readonly (number | null)[];
  readonly timestamp: string;
}

export function round(value: number, decimals = 0): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
