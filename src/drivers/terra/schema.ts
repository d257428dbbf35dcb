/** Reading Terra's deep objects: any of them may be null or missing. Source: vendors/terra.md, Field reference. */
import { z } from "zod";
import { looseNumber } from "#driver/payload.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** An envelope of the API or a webhook, or the list alone. */
export const envelope = z.union([
  z.array(z.unknown()).transform((data) => ({ data, user: undefined })),
  z.looseObject({ data: z.array(z.unknown()), user: z.object({ provider: z.string().nullish() }).nullish().catch(null) }),
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
