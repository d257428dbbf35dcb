/** Reading strangers' payloads: liberal in what is optional, strict in what is meant. Pure. */
import { z } from "zod";
import { ProviderContractBroken } from "../errors.ts";
import { METRICS, type MetricName } from "#units/metrics.ts";
import type { MappingProblem, MapResult, SampleFlag, SampleRecord, VendorRecord } from "./records.ts";

/** Like the schema's own, which throws a TypeError for an object with a field `length` that is no number where it wants a text of some length. */
export function safeParse<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { success: false, error: new z.ZodError([{ code: "custom", path: [], message: "not as agreed", input: undefined }]) as z.ZodError<T> };
  }
}

/** Parses an envelope that nothing can be done without. Throws ProviderContractBroken with the first path, never a value. */
export function parseEnvelope<T>(schema: z.ZodType<T>, payload: unknown, what: string): T {
  const parsed = safeParse(schema, payload);
  if (parsed.success) return parsed.data;
  const path = pointerOf(parsed.error.issues[0]?.path ?? []);
  throw new ProviderContractBroken(`The ${what} does not have the agreed shape at ${path || "its top"}.`, path);
}

/** Collects records and problems while a payload is walked. */
export class Mapping {
  readonly #records: VendorRecord[] = [];
  readonly #problems: MappingProblem[] = [];

  /** Parses one item; a bad one becomes a problem and gives null. */
  item<T>(schema: z.ZodType<T>, item: unknown, path: string): T | null {
    const parsed = safeParse(schema, item);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    this.problem(path + pointerOf(issue?.path ?? []), issue?.code === "invalid_type" ? "missing or of the wrong type" : "not as agreed");
    return null;
  }

  problem(path: string, reason: string): void {
    this.#problems.push({ path, reason });
  }

  add(record: VendorRecord): void {
    this.#records.push(record);
  }

  /**
   * Adds a sample unless the value is absent; a value that is no number, or outside what can be a measurement of a person
   * (METRICS bounds), becomes a problem. Sentinels of a vendor must be taken out before.
   */
  sample(metric: MetricName, value: number | null | undefined, at: SamplePlace, path: string): void {
    if (value === null || value === undefined) return;
    const { min, max } = METRICS[metric];
    if (!Number.isFinite(value) || value < min || value > max) {
      this.problem(path, `outside what ${metric} can be`);
      return;
    }
    const record: SampleRecord = {
      record: "sample",
      metric,
      startMs: at.startMs,
      ...(at.endMs === undefined ? {} : { endMs: at.endMs }),
      value,
      offsetMinutes: at.offsetMinutes,
      ...(at.device ? { device: at.device } : {}),
      ...(at.flags && at.flags.length > 0 ? { flags: at.flags } : {}),
    };
    this.#records.push(record);
  }

  result(): MapResult {
    return { records: this.#records, problems: this.#problems };
  }
}

export interface SamplePlace {
  readonly startMs: number;
  readonly endMs?: number;
  readonly offsetMinutes: number | null;
  readonly device?: SampleRecord["device"];
  readonly flags?: readonly SampleFlag[];
}

/** JSON pointer of a zod path. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replace(/~/g, "~0").replace(/\//g, "~1")}`).join("");
}

/** A number that a vendor may send as text ("12.5"); null for absent, empty or non-numeric. */
export function looseNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || value.trim() === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** A word that a vendor may send as a number or a truth value; empty for everything else, objects that cannot be told as text included. */
export function looseText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Fields of a form body (`a=1&b=2`), all as text; of a repeated field the first counts. Any bytes are some form: never throws. */
export function parseForm(body: Uint8Array): Record<string, string> {
  return Object.fromEntries([...new URLSearchParams(new TextDecoder().decode(body))].toReversed());
}

/**
 * A text, or a number with all its parts, so that no digit within it is taken for a number of its own. Texts are read in runs: one step a
 * character would end the stack in a text of many megabytes.
 */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The same JSON with every whole number that JavaScript cannot hold exactly (64-bit ids) put in quotes, so that parsing rounds none.
 * Texts without long numbers come back as they are, after one quick look.
 */
export function quoteLongIntegers(json: string): string {
  if (!/\d{16}/.test(json)) return json;
  return json.replace(STRING_OR_NUMBER, (token) => (/^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token));
}
