/** Reading Terra's deep objects: any of them may be null or missing. Source: vendors/terra.md, Field reference. */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

export type Fields = Readonly<Record<string, unknown>>;

const user = z.object({ provider: z.string().nullish().catch(null) }).nullish().catch(null);
/** Of the API or a webhook. */
const envelope = z.looseObject({ data: z.union([z.array(z.unknown()), z.looseObject({ metadata: z.unknown() }).transform((one) => [one])]), user });
/** Several of them, as files of collected deliveries have. */
const collected = z.array(envelope).min(1).transform((list) => list.map(({ data, user: of }, index) => ({ data, user: of, path: `/${index}` })));

/** An envelope, several, the list alone, or one object alone. */
export const envelopes = z.union([
  collected,
  z.array(z.unknown()).transform((data) => [{ data, user: undefined, path: "" }]),
  envelope.transform(({ data, user: of }) => [{ data, user: of, path: "" }]),
  z.looseObject({ metadata: z.looseObject({}) }).transform((one) => [{ data: [one], user: undefined, path: "" }]),
]);

export const athlete = z.looseObject({ athlete: z.looseObject({}).nullish() });

/** One object of the list; `metadata` is the only part that is always there. */
export const item = z.looseObject({ metadata: z.looseObject({ start_time: z.string().nullish(), end_time: z.string().nullish() }) });
export type Item = z.infer<typeof item>;

/** The object at a path of names; empty where anything on the way is missing. */
export function at(value: unknown, ...names: string[]): Fields {
  let current = value;
  for (const name of names) current = isFields(current) ? current[name] : undefined;
  return isFields(current) ? current : {};
}

/** The objects of a list; empty where there is none. */
export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export const number = looseNumber;

export function word(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
