/**
 * Accounts at vendors whose person was erased: remembered as keyed digests, so that what their vendor goes on sending is not kept (faults PR-03), and
 * forgotten when somebody consents to the account anew.
 */
import { createHmac } from "node:crypto";
import type { Tx } from "#db/database.ts";
import { storableText } from "#db/text.ts";
import type { SyncContext } from "./context.ts";
import { privacyKey } from "./privacy-keys.ts";

/** What an account of a vendor is called in everything that is asked here. */
export interface VendorAccount {
  readonly provider: string;
  readonly account: string;
}

type Context = Pick<SyncContext, "vault" | "randomBytes">;

/** The digest that stands for an account: HMAC-SHA256 of provider and account, each behind its length. */
export function accountMac(key: Buffer, { provider, account }: VendorAccount): Buffer {
  const text = storableText(account);
  return createHmac("sha256", key).update(`${provider.length}:${provider}${Buffer.byteLength(text)}:${text}`).digest();
}

/** Remembers that the person behind these accounts was erased. Runs as islet_system. */
export async function rememberErased(tx: Tx, context: Context, accounts: readonly VendorAccount[], atMs: number): Promise<number> {
  if (accounts.length === 0) return 0;
  const key = await macKey(tx, context);
  const rows = await tx.query(
    `insert into erased_accounts (provider, account_mac, erased_at) select p, m, to_timestamp($3::float8 / 1000) from unnest($1::text[], $2::bytea[]) as a (p, m)
     on conflict do nothing returning 1`,
    [accounts.map(({ provider }) => provider), accounts.map((each) => accountMac(key, each)), atMs],
  );
  return rows.length;
}

/** Whether the person behind an account was erased. Runs as islet_system. */
export async function isErased(tx: Tx, context: Context, account: VendorAccount): Promise<boolean> {
  // Most sites have erased nobody at a vendor: no key is opened for them.
  const [any] = await tx.query("select 1 from erased_accounts where provider = $1 limit 1", [account.provider]);
  if (!any) return false;
  const rows = await tx.query("select 1 from erased_accounts where provider = $1 and account_mac = $2", [account.provider, accountMac(await macKey(tx, context), account)]);
  return rows.length === 1;
}

/** Somebody has consented to the account anew. Runs as islet_system. */
export async function forgetErased(tx: Tx, context: Context, account: VendorAccount): Promise<void> {
  if (!(await isErased(tx, context, account))) return;
  await tx.query("delete from erased_accounts where provider = $1 and account_mac = $2", [account.provider, accountMac(await macKey(tx, context), account)]);
}

function macKey(tx: Tx, context: Context): Promise<Buffer> {
  return privacyKey(tx, context, "erased_accounts");
}
