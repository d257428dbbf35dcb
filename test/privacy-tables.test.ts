/** Every table that knows a person has its rule for packages and for erasures, and every column of a told table is told or left out for a reason. Faults PR-01, PR-05. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { columnOf } from "#privacy/package/rows.ts";
import { SHAPES } from "#privacy/shapes.ts";
import { ERASING_STEPS, LEFT_OUT, NAMED_ELSEWHERE, TABLE_RULES } from "#privacy/tables.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const tables = "c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace";

describe("the rules of tables that know a person", () => {
  it("are there for every table with a patient or an account in it: a new one needs a line in src/privacy/tables.ts [PR-01] [PR-05]", async () => {
    const knowing = await db.asOwner<{ name: string }>(
      `select distinct c.relname as name from pg_class c where ${tables} and (
         c.relname in ('patients', 'users')
         or exists (select 1 from pg_attribute a where a.attrelid = c.oid and not a.attisdropped and a.attname in ('patient_id', 'user_id'))
         or exists (select 1 from pg_constraint r where r.conrelid = c.oid and r.contype = 'f' and r.confrelid in ('patients'::regclass, 'users'::regclass)))
       order by 1`,
    );
    expect(knowing.length).toBeGreaterThan(25);
    const rules = TABLE_RULES.map(({ table }) => table);
    // Rows of the organization's own that name somebody of its staff.
    const naming = NAMED_ELSEWHERE.map(([table]) => table).filter((table) => !rules.includes(table));
    expect([...rules, ...naming].toSorted()).toEqual(knowing.map(({ name }) => name).toSorted());
  });

  it("name columns that there are, by every patient_id and user_id of their table", async () => {
    for (const rule of TABLE_RULES) {
      const columns = (await db.asOwner<{ name: string }>("select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1", [rule.table])).map(({ name }) => name);
      for (const column of ["patient_id", "user_id"].filter((name) => columns.includes(name) && rule.table !== "patients")) expect([rule.patient, rule.user], rule.table).toContain(column);
      for (const column of [rule.patient, rule.user].filter((name) => name !== undefined)) expect(columns, rule.table).toContain(column);
    }
  });

  it("tell every column, or say why not, and never one that looks like a secret [PR-05]", async () => {
    for (const { table, told } of TABLE_RULES) {
      if (!("file" in told)) continue;
      const columns = (await db.asOwner<{ name: string }>("select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1", [table])).map(({ name }) => name);
      const fields = Object.keys(SHAPES[told.shape].shape).map(columnOf);
      const left = new Set([...Object.keys(LEFT_OUT["*"]!), ...Object.keys(LEFT_OUT[table] ?? {})]);
      expect(columns.filter((column) => !fields.includes(column) && !left.has(column)), `${table}: columns without a word on them`).toEqual([]);
      expect(fields.filter((field) => !columns.includes(field)), `${table}: fields without a column`).toEqual([]);
      // When a password was changed is no secret, nor that it must be.
      expect(fields.filter((field) => /hash|sealed|secret|token|password(?!_changed_at)/.test(field) && field !== "must_change_password"), table).toEqual([]);
    }
  });

  it("reach every reference to an account: as an owner of the row, or as a name that is emptied [PR-01]", async () => {
    const references = await db.asOwner<{ table: string; column: string }>(
      `select c.relname as table, a.attname as column from pg_constraint r join pg_class c on c.oid = r.conrelid join pg_attribute a on a.attrelid = c.oid and a.attnum = r.conkey[1]
       where r.contype = 'f' and r.confrelid = 'users'::regclass and ${tables}`,
    );
    const unreached = references.filter(({ table, column }) => {
      const rule = TABLE_RULES.find((each) => each.table === table);
      return rule?.user !== column && table !== "patients" && !NAMED_ELSEWHERE.some(([name, at]) => name === table && at === column);
    });
    expect(unreached).toEqual([]);
  });

  it("erase what refers before what it refers to", async () => {
    const rank = new Map(TABLE_RULES.map(({ table, erased }, index) => [table, typeof erased === "string" ? ERASING_STEPS.indexOf(erased) * 1_000 + index : -1]));
    const references = await db.asOwner<{ from: string; to: string }>(
      `select c.relname as from, f.relname as to from pg_constraint r join pg_class c on c.oid = r.conrelid join pg_class f on f.oid = r.confrelid where r.contype = 'f' and ${tables} and r.conrelid <> r.confrelid`,
    );
    const wrong = references.filter(({ from, to }) => rank.has(from) && rank.has(to) && rank.get(from)! >= rank.get(to)!);
    expect(wrong).toEqual([]);
  });
});
