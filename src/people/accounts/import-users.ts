/**
 * Users of an older system brought here. A password that rested as unsalted SHA-256 is wrapped in argon2id before it touches the database, opens as
 * before, and becomes plain argon2id at the first sign-in (requirement D1). Each row is a transaction of its own; run again, it makes nobody twice.
 */
import type { Tx } from "#db/database.ts";
import { IsletError } from "../../errors.ts";
import { audit } from "../audit/audit.ts";
import { wrapLegacyHash } from "../sign-in/passwords.ts";
import { checkEmail, checkUsername, insertUser } from "./accounts.ts";
import type { AccountsContext } from "./context.ts";
import type { ImportRow, RowFault } from "./import-rows.ts";

export interface ImportOrder {
  readonly organizationId: string;
  readonly zone: string;
  readonly locale: "en" | "es";
  /** Checks everything and changes nothing. */
  readonly isDryRun: boolean;
}

export interface ImportReport {
  readonly made: number;
  /** There already, and left as they are. */
  readonly known: number;
  readonly faults: readonly RowFault[];
}

type Outcome = "made" | "known";

/** A dry run's transaction ends by this, which nothing survives. */
class Rehearsed extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super("a dry run");
    this.outcome = outcome;
  }
}

/** Makes the users that are not there yet. What is wrong with a row is told, and the others go on. */
export async function importUsers(context: AccountsContext, rows: readonly ImportRow[], order: ImportOrder): Promise<ImportReport> {
  const faults: RowFault[] = [];
  const count = { made: 0, known: 0 };
  const seen = new Map<string, number>();
  for (const row of rows) {
    try {
      const person = prepare(context, row);
      const before = [person.email, person.username, person.nationalId].flatMap((name) => (name === null ? [] : [name])).map((name) => seen.get(name)).find((line) => line !== undefined);
      if (before !== undefined) faults.push({ line: row.line, detail: `the same DNI, e-mail address or username stands in line ${before}` });
      else count[await importOne(context, person, order)] += 1;
      for (const name of [person.email, person.username, person.nationalId]) if (name !== null && !seen.has(name)) seen.set(name, row.line);
    } catch (error) {
      if (!(error instanceof IsletError) || error.httpStatus === null || error.httpStatus >= 500) throw error;
      faults.push({ line: row.line, detail: error.message });
    }
  }
  return { ...count, faults };
}

interface Prepared extends ImportRow {
  readonly displayName: string;
}

function prepare(context: AccountsContext, row: ImportRow): Prepared {
  const nationalId = row.nationalId === null ? null : context.identities.check(row.nationalId, "/dni");
  const email = row.email === null ? null : checkEmail(row.email, "/email");
  const username = row.username === null ? null : checkUsername(row.username, "/username");
  const displayName = [row.givenName, row.familyName].filter(Boolean).join(" ") || username || email?.split("@")[0] || "Patient";
  return { ...row, nationalId, email, username, displayName };
}

async function importOne(context: AccountsContext, row: Prepared, order: ImportOrder): Promise<Outcome> {
  const { database, identities, clock } = context;
  const known = await database.asSystem((tx) => isKnown(tx, context, { row, organizationId: order.organizationId }));
  if (known) return "known";
  const hash = row.sha256 === null || order.isDryRun ? null : await wrapLegacyHash(row.sha256);
  return database.asSystem(async (tx) => {
    const { userId, patientId } = await insertUser(tx, {
      organizationId: order.organizationId, email: row.email, emailVerifiedMs: row.email === null ? null : clock.now(), username: row.username,
      nationalId: row.nationalId === null ? null : { text: row.nationalId, identities }, password: hash === null ? null : { hash, scheme: "sha256+argon2id" }, blockedMs: row.isBlocked ? clock.now() : null,
      displayName: row.displayName, givenName: row.givenName, familyName: row.familyName, hospitalAccount: row.hospitalAccount, tidepoolAccount: row.tidepoolAccount, roles: [row.role],
      zone: order.zone, locale: order.locale,
    });
    if (order.isDryRun) throw new Rehearsed("made");
    await audit(tx, order.organizationId, { action: "user.imported", patientId, objectType: "user", objectId: userId });
    return "made" as const;
  }).catch((error: unknown) => {
    if (error instanceof Rehearsed) return error.outcome;
    throw error;
  });
}

/** Whether this very person is here: the same by everything that the row names. One who is so by a part only is somebody else, which the insert refuses. */
async function isKnown(tx: Tx, { identities }: AccountsContext, { row, organizationId }: { readonly row: Prepared; readonly organizationId: string }): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from users where organization_id = $1 and deleted_at is null and ($2::text is null or email = $2) and ($3::text is null or username = $3) and ($4::bytea is null or national_id_index = $4)`,
    [organizationId, row.email, row.username, row.nationalId === null ? null : identities.index(row.nationalId)],
  );
  return rows.length > 0;
}
