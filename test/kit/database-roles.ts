/** What each role of the database may, told from the catalogue: for the test that holds it and the page that shows it. */
export const ROLES = ["islet_app", "islet_worker", "islet_system", "islet_audit", "islet_audit_keeper", "islet_read"] as const;
export type DatabaseRole = (typeof ROLES)[number];

const LETTERS: Readonly<Record<string, string>> = { SELECT: "r", INSERT: "a", UPDATE: "w", DELETE: "d", TRUNCATE: "D", REFERENCES: "x", TRIGGER: "t", MAINTAIN: "m" };

type Ask = <Row extends object>(sql: string) => Promise<Row[]>;

export interface TableRights {
  readonly table: string;
  /** Letters as in psql; those in brackets are of some columns only. */
  readonly rights: Readonly<Record<DatabaseRole, string>>;
}

/** Every table of the schema with what each role may do with it. */
export async function tableRights(ask: Ask): Promise<TableRights[]> {
  const rows = await ask<{ table: string; role: string; privilege: string; whole: boolean }>(
    `select c.relname as table, a.grantee::regrole::text as role, a.privilege_type as privilege, true as whole
     from pg_class c cross join lateral aclexplode(c.relacl) a where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relispartition
     union
     select c.relname, a.grantee::regrole::text, a.privilege_type, false
     from pg_class c join pg_attribute t on t.attrelid = c.oid cross join lateral aclexplode(t.attacl) a
     where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relispartition`,
  );
  const tables = (await ask<{ table: string }>("select relname as table from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not relispartition order by 1")).map(({ table }) => table);
  const lettersOf = (table: string, role: DatabaseRole, whole: boolean): string =>
    Object.entries(LETTERS).filter(([privilege]) => rows.some((row) => row.table === table && row.role === role && row.privilege === privilege && row.whole === whole)).map(([, letter]) => letter).join("");
  return tables.map((table) => ({
    table,
    rights: Object.fromEntries(ROLES.map((role) => {
      const whole = lettersOf(table, role, true);
      const parts = Array.from(lettersOf(table, role, false)).filter((letter) => !whole.includes(letter)).join("");
      return [role, `${whole}${parts === "" ? "" : `(${parts})`}`];
    })) as Record<DatabaseRole, string>,
  }));
}

/** The page for operators. */
export function databaseRolesDocument(rights: readonly TableRights[]): string {
  const lines = rights.map(({ table, rights: each }) => `| \`${table}\` | ${ROLES.map((role) => each[role] || "–").join(" | ")} |`);
  return `# Roles of the database

Written by \`node scripts/database-roles.ts\` from the catalogue of a fresh database; \`test/roles.test.ts\` holds it. Row-level security is forced on every table, for the
owner, too; what a role may do here it may do with the rows that a policy shows it.

| role | who works by it | sees |
|---|---|---|
| owner | migrations, nobody else | what it migrates; \`DATABASE_OWNER_URL\` |
| \`islet_app\` | a request of a person | that person's patients, and of a request for one patient that one at most |
| \`islet_worker\` | syncs, ingest, jobs, administration by admins | one organization |
| \`islet_system\` | sign-in, callbacks, the inbox, the scheduler: before and across organizations | no measurement, no sealed token |
| \`islet_audit\` | \`islet audit verify\` and searches | the audit log and its chains |
| \`islet_audit_keeper\` | the functions that link an entry at COMMIT and take away what is over; nobody takes it | the audit log and its chains |
| \`islet_read\` | people who look (reports, support) | one organization, without secrets and raw deliveries |

None of them can log in, owns anything or gets past row-level security. Islet's own login is a member of islet_app, islet_worker, islet_system and islet_audit and takes one of them in each transaction; make a login
of your own for \`islet_read\` and set \`app.organization_id\` before you look.

Letters: r read, a add, w change, d remove; in brackets: some columns only.

| table | ${ROLES.map((role) => role.replace("islet_", "")).join(" | ")} |
|---|${ROLES.map(() => "---|").join("")}
${lines.join("\n")}
`;
}
