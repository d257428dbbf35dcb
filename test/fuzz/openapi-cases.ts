/**
 * Requests made from the OpenAPI document: such as fit it, such as nearly fit it, and such as no honest program sends. The same seed gives the same requests.
 * Faults §4.5.
 */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: boolean;
  readonly schema: Schema;
}

export type Chance = () => number;
type Schemas = Readonly<Record<string, Schema>>;

export const pick = <T>(chance: Chance, from: readonly T[]): T => from[Math.floor(chance() * from.length)]!;

/** Texts that have broken programs before. */
export const NASTY_TEXTS: readonly string[] = [
  "", " ", "\0", "\u0000\u0001\u001b[31m", "'", "\"", "' or 1=1 --", "\"; drop table users; --", "{{7*7}}", "${7*7}", "<script>alert(1)</script>", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd",
  "%00", "%", "\uD800", "\u202Eabc", "ﷺ".repeat(20), "🚀".repeat(30), "a".repeat(5_000), "-1", "0", "1e309", "NaN", "Infinity", "null", "undefined", "true", "[]", "{}", "__proto__", "constructor",
  "2026-02-30T25:61:61Z", "9999-12-31T23:59:59Z", "0000-00-00", "00000000-0000-0000-0000-000000000000", "-----------------------------------", "=cmd|' /C calc'!A0", "\r\nSet-Cookie: a=b", "ⅠⅡⅢ", "١٢٣",
];
const NASTY_VALUES: readonly unknown[] = [null, true, false, 0, -1, 1.5, 1e308, -1e308, Number.MAX_SAFE_INTEGER, [], {}, [[]], [null], { a: { b: { c: {} } } }, "", "x"];

function resolve(schema: Schema, schemas: Schemas): Schema {
  return schema.$ref ? resolve(schemas[schema.$ref.split("/").at(-1)!]!, schemas) : schema;
}

/** A value that fits, as far as a schema can say. */
export function fitting(given: Schema, schemas: Schemas, chance: Chance, depth = 0): unknown {
  const schema = resolve(given, schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(chance, schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fitting(pick(chance, choices), schemas, chance, depth + 1);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => fitting(part, schemas, chance, depth + 1) as object)) as object;
  const type = Array.isArray(schema.type) ? pick(chance, schema.type as readonly string[]) : (schema.type as string | undefined);
  switch (type) {
    case "object": return fittingObject(schema, schemas, chance, depth);
    case "array": return Array.from({ length: (schema.minItems ?? 0) + Math.floor(chance() * (depth > 4 ? 1 : 3)) }, () => fitting(schema.items ?? {}, schemas, chance, depth + 1));
    case "integer": return Math.round(between(schema, chance));
    case "number": return between(schema, chance);
    case "boolean": return chance() < 0.5;
    case "null": return null;
    default: return fittingText(schema, chance);
  }
}

function fittingObject(schema: Schema, schemas: Schemas, chance: Chance, depth: number): Record<string, unknown> {
  const required = new Set(schema.required);
  return Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name) || chance() < 0.5).map(([name, each]) => [name, fitting(each, schemas, chance, depth + 1)]));
}

function between({ minimum = 0, maximum = 1_000 }: Schema, chance: Chance): number {
  return pick(chance, [minimum, maximum, minimum + chance() * (maximum - minimum)]);
}

function fittingText({ pattern, format, minLength = 0, maxLength = 40 }: Schema, chance: Chance): string {
  if (format === "email") return `person${Math.floor(chance() * 1e6)}@example.org`;
  if (pattern?.includes("[0-9a-f-]{36}")) return "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
  if (pattern?.includes("\\d")) return String(1 + Math.floor(chance() * 99));
  const text = pick(chance, ["2026-03-02T06:30:00Z", "Europe/Madrid", "glucose", "abcdefgh", "12", "Ärzte & Söhne", "x"]);
  return text.padEnd(minLength, "a").slice(0, Math.max(minLength, Math.min(maxLength, 60)));
}

/** The value with one thing wrong somewhere in it. */
export function broken(value: unknown, chance: Chance): unknown {
  const isDeep = typeof value === "object" && value !== null && Object.keys(value).length > 0 && chance() < 0.75;
  if (!isDeep) return chance() < 0.5 ? pick(chance, NASTY_VALUES) : pick(chance, NASTY_TEXTS);
  if (Array.isArray(value)) {
    const copy = value.slice() as unknown[];
    const at = Math.floor(chance() * copy.length);
    copy[at] = broken(copy[at], chance);
    return chance() < 0.1 ? Array.from({ length: 3_000 }, () => copy[0]) : copy;
  }
  const copy = { ...(value as Record<string, unknown>) };
  const name = pick(chance, Object.keys(copy));
  const way = chance();
  if (way < 0.2) delete copy[name];
  else if (way < 0.35) copy[pick(chance, [...EXTRA_FIELDS])] = pick(chance, NASTY_VALUES);
  else copy[name] = broken(copy[name], chance);
  return copy;
}

/** What a caller would like to be able to set (faults AU-15). */
const EXTRA_FIELDS = ["role", "roles", "isAdmin", "organizationId", "organization_id", "patientId", "patient_id", "userId", "verified", "blocked_at", "id", "__proto__x", "constructor"] as const;
