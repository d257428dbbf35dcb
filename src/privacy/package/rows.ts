/** Rows of a table as a package tells them, read in portions by key: however many there are, few are held. Pure SQL by the catalogue and the shapes. */
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { metricById } from "#units/metrics.ts";
import type { TableRule } from "../tables.ts";
import { SHAPES, type ShapeName } from "../shapes.ts";

/** Runs a piece of work in a transaction of the organization. */
export type Read = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** Whose rows. */
export interface Subject {
  readonly patientId: string;
  readonly userId: string | null;
}

export type Row = Readonly<Record<string, unknown>>;

const ROWS_AT_ONCE = 1_000;

export function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Which rows are the subject's; $1 is the patient, $2 the account. */
export function whose({ patient, user }: Pick<TableRule, "patient" | "user">): string {
  return [patient && `${patient} = $1::uuid`, user && `${user} = $2::uuid`].filter(Boolean).join(" or ");
}

/** How many rows there are; null where the table is not there, or may not be read. */
export async function countRows(tx: Tx, rule: TableRule, subject: Subject): Promise<number | null> {
  const [state] = await tx.query<{ may: boolean | null }>("select has_table_privilege(to_regclass($1), 'select') as may", [`public.${rule.table}`]);
  if (!state?.may) return null;
  const [row] = await tx.query<{ n: number }>(`select count(*)::float8 as n from ${rule.table} where ($1::uuid is null or $2::uuid is null or true) and (${whose(rule)})`, [subject.patientId, subject.userId]);
  return row!.n;
}

/** The rows, in portions, in the order of their key. */
export async function* readRows(read: Read, rule: TableRule, shape: ShapeName, subject: Subject): AsyncGenerator<Row[]> {
  const fields = Object.entries(SHAPES[shape].shape as Readonly<Record<string, z.ZodType>>);
  const { types, keys } = await read((tx) => catalogue(tx, rule.table));
  const select = fields.map(([field, type]) => `${told(`t.${columnOf(field)}`, types.get(columnOf(field))!, isNumber(type))} as "${field}"`);
  const after = keys.map((key, index) => `$${index + 4}::text::${types.get(key)!}`);
  const text = `select ${[...select, ...keys.map((key, index) => `t.${key}::text as "key ${index}"`)].join(", ")} from ${rule.table} t
    where ($1::uuid is null or $2::uuid is null or true) and (${whose(rule)}) and ($3::boolean or (${keys.map((key) => `t.${key}`).join(", ")}) > (${after.join(", ")}))
    order by ${keys.map((key) => `t.${key}`).join(", ")} limit ${ROWS_AT_ONCE}`;
  let last: readonly unknown[] | null = null;
  for (;;) {
    const rows: Record<string, unknown>[] = await read((tx) => tx.query(text, [subject.patientId, subject.userId, last === null, ...(last ?? keys.map(() => null))]));
    const end = rows.at(-1);
    if (end) yield rows.map((row) => Object.fromEntries(fields.map(([field]) => [field, field === "metric" ? metricName(row[field]) : row[field]])));
    if (rows.length < ROWS_AT_ONCE || !end) return;
    last = keys.map((_, index) => end[`key ${index}`]);
  }
}

async function catalogue(tx: Tx, table: string): Promise<{ types: ReadonlyMap<string, string>; keys: readonly string[] }> {
  const columns = await tx.query<{ name: string; type: string }>(
    "select attname as name, format_type(atttypid, null) as type from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped", [`public.${table}`],
  );
  const keys = await tx.query<{ name: string }>(
    `select a.attname as name from pg_index i cross join lateral unnest(i.indkey) with ordinality as k (number, place) join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
     where i.indrelid = $1::regclass and i.indisprimary order by k.place`, [`public.${table}`],
  );
  return { types: new Map(columns.map(({ name, type }) => [name, type])), keys: keys.map(({ name }) => name) };
}

/** The SQL that tells a column as JSON can: times as RFC 3339 in UTC, infinite ones as null, ids as texts. */
function told(column: string, type: string, asNumber: boolean): string {
  if (type === "timestamp with time zone") return `case when isfinite(${column}) then to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end`;
  if (type === "bigint") return asNumber ? `${column}::float8` : `${column}::text`;
  if (type === "date" || type === "uuid") return `${column}::text`;
  return column;
}

function isNumber(type: z.ZodType): boolean {
  const inner = type instanceof z.ZodNullable ? type.unwrap() : type;
  return inner instanceof z.ZodNumber;
}

/** Metrics stand by their ids; 0 is all of them. */
function metricName(id: unknown): unknown {
  if (typeof id !== "number") return id;
  return id === 0 ? "all" : (metricById(id) ?? String(id));
}
