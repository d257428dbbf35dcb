/** Whose account a typed name may mean: an e-mail address, a username or a national id in one field (requirement D1). */
import type { Tx } from "#db/database.ts";
import type { Identities } from "../accounts/identities.ts";
import type { PasswordScheme } from "./passwords.ts";

export interface Candidate {
  readonly id: string;
  readonly organizationId: string;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly locale: "en" | "es";
  readonly displayName: string;
  readonly passwordHash: string | null;
  readonly passwordScheme: PasswordScheme;
  readonly isBlocked: boolean;
  readonly mustChangePassword: boolean;
}

/** A patient of several organizations has one national id in each; more than so many of them nobody tries. */
const MOST = 4;

const COLUMNS = `id, organization_id as "organizationId", email, email_verified_at is not null as "isEmailVerified", locale, display_name as "displayName",
  password_hash as "passwordHash", password_scheme as "passwordScheme", blocked_at is not null as "isBlocked", must_change_password as "mustChangePassword"`;

/** As it is compared: capital letters and spaces around it do not matter. */
export function foldIdentifier(identifier: string): string {
  return identifier.normalize("NFKC").trim().toLowerCase();
}

/** The accounts that go by this name, deleted ones aside. The same statement whatever was typed. */
export async function findCandidates(tx: Tx, identities: Pick<Identities, "index">, identifier: string): Promise<Candidate[]> {
  const folded = foldIdentifier(identifier);
  // No name has a NUL, and the database refuses text that does.
  const text = folded.includes("\0") ? "" : folded;
  return tx.query<Candidate>(
    `select ${COLUMNS} from users where deleted_at is null and (email = $1 or username = $1 or national_id_index = $2) order by id limit ${MOST}`, [text, identities.index(text)],
  );
}

/** One account by its id, or none. */
export async function findCandidate(tx: Tx, userId: string): Promise<Candidate | null> {
  const rows = await tx.query<Candidate>(`select ${COLUMNS} from users where id = $1 and deleted_at is null`, [userId]);
  return rows[0] ?? null;
}
