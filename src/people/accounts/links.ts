/** Links that are good once: 256 random bits, of which only the digest rests. They stand behind a `#`, which no browser sends and no log sees. */
import { createHash, randomBytes } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#units/time.ts";
import { InvalidInput } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import type { AccountsContext } from "./context.ts";

export type LinkKind = "verify_email" | "recovery" | "email_change" | "email_undo";

/** Recovery: OWASP Forgot Password Cheat Sheet, faults AU-19. */
const LIFE_MS: Readonly<Record<LinkKind, number>> = { verify_email: DAY_MS, recovery: 30 * MINUTE_MS, email_change: DAY_MS, email_undo: 7 * DAY_MS };
/** Pages of the portal that read the token. */
const PAGES = { verify_email: "verify", recovery: "recover", email_change: "verify", email_undo: "email-undo", registration: "register", invitation: "invitation" } as const;
/** More mails than this within an hour nobody needs, and somebody else's inbox must not be filled. */
export const MOST_LINKS_AN_HOUR = 3;

export interface NewToken {
  readonly token: string;
  readonly hash: Buffer;
}

export function newToken(): NewToken {
  const token = randomBytes(32).toString("base64url");
  return { token, hash: tokenHash(token) };
}

export function tokenHash(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** What a mail holds; sealed while it waits. */
export function mailLink(context: Pick<AccountsContext, "publicOrigin" | "vault">, page: keyof typeof PAGES, token: string): { url: Secret; vault: AccountsContext["vault"] } {
  return { url: new Secret(`${context.publicOrigin}/${PAGES[page]}#${token}`), vault: context.vault };
}

export interface LinkOrder {
  readonly kind: LinkKind;
  /** Null: nobody. The same is written, and it leads nowhere. */
  readonly owner: { readonly userId: string; readonly organizationId: string } | null;
  /** The address it is about. */
  readonly email: string | null;
  readonly nowMs: number;
}

/** Makes a link; gives its token. */
export async function makeLink(tx: Tx, { kind, owner, email, nowMs }: LinkOrder): Promise<string> {
  const { token, hash } = newToken();
  await tx.query(
    `insert into account_links (token_hash, organization_id, user_id, kind, email, created_at, expires_at)
     values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000))`,
    [hash, owner?.organizationId ?? null, owner?.userId ?? null, kind, email, nowMs, nowMs + LIFE_MS[kind]],
  );
  return token;
}

/** Links of one kind made for a user within the last hour. */
export async function recentLinks(tx: Tx, userId: string | null, at: { readonly kind: LinkKind; readonly nowMs: number }): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    "select count(*)::int as n from account_links where user_id = $1 and kind = $2 and created_at > to_timestamp($3::float8 / 1000)", [userId, at.kind, at.nowMs - HOUR_MS],
  );
  return row!.n;
}

export interface UsedLink {
  readonly userId: string;
  readonly organizationId: string;
  readonly kind: LinkKind;
  readonly email: string | null;
}

const LINK = `user_id as "userId", organization_id as "organizationId", kind, email`;
const OPEN = "token_hash = $1 and kind = any($2) and used_at is null and user_id is not null and expires_at > to_timestamp($3::float8 / 1000)";

/** What an open link leads to, which stays open. Throws InvalidInput for one that is used, over, of another kind, or none. */
export async function lookAtLink(tx: Tx, token: string, at: { readonly kinds: readonly LinkKind[]; readonly nowMs: number }): Promise<UsedLink> {
  const rows = await tx.query<UsedLink>(`select ${LINK} from account_links where ${OPEN}`, [tokenHash(token), at.kinds, at.nowMs]);
  return rows[0] ?? refuseLink();
}

/** Uses a link up: of two who do so at once, one is refused. Throws InvalidInput like `lookAtLink`. */
export async function takeLink(tx: Tx, token: string, at: { readonly kinds: readonly LinkKind[]; readonly nowMs: number }): Promise<UsedLink> {
  const rows = await tx.query<UsedLink>(`update account_links set used_at = to_timestamp($3::float8 / 1000) where ${OPEN} returning ${LINK}`, [tokenHash(token), at.kinds, at.nowMs]);
  return rows[0] ?? refuseLink();
}

/** Calls back a user's open links of these kinds. */
export async function dropLinks(tx: Tx, userId: string, kinds: readonly LinkKind[]): Promise<void> {
  await tx.query("delete from account_links where user_id = $1 and kind = any($2) and used_at is null", [userId, kinds]);
}

/** One sentence for every link that does not work. */
export function refuseLink(): never {
  throw new InvalidInput("This link does not work (any more): it may be used, too old, or not whole. Ask for a new one.", { code: "link_invalid" });
}

/** Drops links, registrations and invitations whose time ended a month ago; gives how many. */
export async function forgetOldLinks(tx: Tx, nowMs: number): Promise<number> {
  let dropped = 0;
  for (const table of ["account_links", "registrations", "invitations"]) {
    dropped += (await tx.query(`delete from ${table} where expires_at < to_timestamp($1::float8 / 1000) returning 1`, [nowMs - 30 * DAY_MS])).length;
  }
  return dropped;
}
