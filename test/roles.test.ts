/** The roles of the database, from its catalogue: each may what it needs and no more. ASVS 13.2.2; faults §5.4. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";
import { databaseRolesDocument, ROLES, tableRights, type TableRights } from "./kit/database-roles.ts";

/** Sealed texts, digests of secrets, and what leads to an account: nothing of them for a request of a person or for people who look. */
const SECRET_COLUMNS = /(?:^|_)(?:hash|sealed|secret|token|password|verifier|seed|digest)(?:_|$)/;
/** Columns whose name says so and which hold none; reason beside each. */
const NO_SECRETS: Readonly<Record<string, string>> = {
  "audit_log.address_hash": "of where from, under a key",
  "consents.text_hash": "of the text that a person agreed to",
};

let db: TestDatabase;
let rights: TableRights[];
beforeAll(async () => {
  db = await createTestDatabase();
  rights = await tableRights((sql) => db.asOwner(sql));
});
afterAll(() => db.close());

const mayOn = (role: (typeof ROLES)[number], letter: string): string[] => rights.filter((each) => each.rights[role].includes(letter)).map(({ table }) => table);

describe("the roles", () => {
  it("can neither log in nor rule: no superuser, no way past row-level security, no ownership", async () => {
    const roles = await db.asOwner<{ name: string }>(
      `select rolname as name from pg_roles where rolname like 'islet\\_%' and rolname <> all (select rolname from pg_roles where rolcanlogin)
         and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit) order by 1`,
    );
    expect(roles.map(({ name }) => name)).toEqual([...ROLES].toSorted());
    const owned = await db.asOwner(`select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = any($1) and c.relnamespace = 'public'::regnamespace`, [[...ROLES]]);
    expect(owned).toEqual([]);
    const login = await db.asOwner<{ can: boolean }>("select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as can from pg_roles where rolcanlogin and oid in (select member from pg_auth_members where roleid = 'islet_app'::regrole)");
    expect(login.length).toBeGreaterThan(0);
    expect(login.every(({ can }) => !can)).toBe(true);
  });

  it("have the rights of docs/database-roles.md, each", () => {
    expect(readFileSync(fileURLToPath(new URL("../docs/database-roles.md", import.meta.url)), "utf8")).toBe(databaseRolesDocument(rights));
  });

  it("empty no table, and everybody else has no right at all", async () => {
    for (const role of ROLES) for (const letter of ["D", "x", "t", "m"]) expect(mayOn(role, letter), `${role} ${letter}`).toEqual([]);
    const strangers = await db.asOwner<{ table: string }>(
      `select distinct c.relname as table from pg_class c cross join lateral aclexplode(c.relacl) a
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S') and a.grantee <> c.relowner and a.grantee::regrole::text <> all ($1)`, [[...ROLES]],
    );
    expect(strangers).toEqual([]);
  });

  it("change nothing of what happened: the audit log is added to", () => {
    for (const table of ["audit_log", "audit_links", "audit_heads", "audit_prunings"]) {
      // Nobody takes the keeper's role: its functions link entries, and take away what is older than the operator keeps.
      for (const role of ROLES.filter((each) => each !== "islet_audit_keeper")) for (const letter of ["w", "d"]) expect(mayOn(role, letter), `${role} ${letter}`).not.toContain(table);
    }
    expect(mayOn("islet_audit_keeper", "w")).toEqual(["audit_heads"]);
  });

  it("read no secret, where they work for a person or for people who look", async () => {
    for (const role of ["islet_app", "islet_read"] as const) {
      const columns = await db.asOwner<{ name: string }>(
        `select c.relname || '.' || t.attname as name from pg_class c join pg_attribute t on t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped
         where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and has_column_privilege($1, c.oid, t.attnum, 'select')`, [role],
      );
      expect(columns.length).toBeGreaterThan(20);
      expect(columns.map(({ name }) => name).filter((name) => SECRET_COLUMNS.test(name.split(".")[1]!) && !(name in NO_SECRETS)), role).toEqual([]);
    }
  });

  it("see rows by a policy only, and a person's transaction those of the person", async () => {
    const policies = await db.asOwner<{ table: string; role: string; permissive: string }>("select tablename as table, unnest(roles)::text as role, permissive from pg_policies where schemaname = 'public'");
    const has = (table: string, role: string, permissive: string): boolean => policies.some((each) => each.table === table && each.role === role && each.permissive === permissive);
    for (const { table, rights: each } of rights.filter((one) => one.table !== "schema_migrations")) {
      for (const role of ROLES) if (each[role] !== "") expect(has(table, role, "PERMISSIVE"), `${table} for ${role}`).toBe(true);
    }
    const withPatient = new Set((await db.asOwner<{ table: string }>("select table_name as table from information_schema.columns where table_schema = 'public' and column_name = 'patient_id'")).map(({ table }) => table));
    for (const table of mayOn("islet_app", "r").filter((name) => withPatient.has(name))) expect(has(table, "islet_app", "RESTRICTIVE"), table).toBe(true);
  });

  it("borrow an owner's rights only by functions that nobody can lead astray", async () => {
    const functions = await db.asOwner<{ name: string; config: string[] | null; open: boolean }>(
      `select p.proname as name, p.proconfig as config, coalesce((select bool_or(a.grantee = 0) from aclexplode(p.proacl) a), true) as open
       from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef`,
    );
    expect(functions.length).toBeGreaterThan(0);
    expect(functions.filter(({ config, open }) => open || !config?.some((setting) => setting.startsWith("search_path="))).map(({ name }) => name)).toEqual([]);
    const views = await db.asOwner("select relname from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace and not coalesce(reloptions @> '{security_invoker=true}', false)");
    expect(views).toEqual([]);
  });
});
