/** A clinic's rules at rest. */
import type { Tx } from "#db/database.ts";
import { ChangedMeanwhile } from "../../errors.ts";
import { RULE_NAMES, rulesOf, type AttentionRules, type RuleName } from "./rules.ts";

export interface KeptRules {
  readonly rules: AttentionRules;
  /** Null: the clinic has set none. */
  readonly updatedMs: number | null;
  readonly updatedBy: string | null;
  readonly updatedByName: string | null;
  /** When they were changed last says which they are: no two changes have the same millisecond. 0: none was set. */
  readonly version: number;
}

interface Row { readonly rules: Partial<Record<RuleName, number>>; readonly updatedMs: number; readonly updatedBy: string }

/** Those of the transaction's organization. */
export async function readRules(tx: Tx): Promise<KeptRules> {
  const row = await readRow(tx);
  return keptOf(row, null);
}

/** The same with the name of who changed them, for who may read names of the organization. */
export async function readRulesWithName(tx: Tx): Promise<KeptRules> {
  const row = await readRow(tx);
  const [user] = row ? await tx.query<{ name: string }>("select display_name as name from users where id = $1", [row.updatedBy]) : [];
  return keptOf(row, user?.name ?? null);
}

function keptOf(row: Row | undefined, updatedByName: string | null): KeptRules {
  return { rules: rulesOf(row?.rules ?? null), updatedMs: row?.updatedMs ?? null, updatedBy: row?.updatedBy ?? null, updatedByName, version: row?.updatedMs ?? 0 };
}

async function readRow(tx: Tx): Promise<Row | undefined> {
  return (await tx.query<Row & Record<string, unknown>>(`select rules, updated_at as "updatedMs", updated_by as "updatedBy" from attention_rules`))[0];
}

export interface RulesChange {
  readonly organizationId: string;
  readonly userId: string;
  readonly nowMs: number;
  /** The version that the caller saw; null: whatever there is. */
  readonly ifVersion: number | null;
}

/** Changes what is given, null back to Islet's own. The limits have been checked. Throws ChangedMeanwhile. */
export async function changeRules(tx: Tx, { organizationId, userId, nowMs, ifVersion }: RulesChange, change: Partial<Record<RuleName, number | null | undefined>>): Promise<KeptRules> {
  await tx.query("select 1 from organizations where id = $1 for no key update", [organizationId]);
  const before = await readRulesWithName(tx);
  if (ifVersion !== null && ifVersion !== before.version) throw new ChangedMeanwhile({ version: before.version, by: before.updatedByName, atMs: before.updatedMs ?? nowMs });
  const kept = (await readRow(tx))?.rules ?? {};
  const next = RULE_NAMES.flatMap((name) => {
    const value = change[name] === undefined ? kept[name] : change[name];
    return typeof value === "number" ? [[name, value] as const] : [];
  });
  await tx.query(
    `insert into attention_rules (organization_id, rules, updated_by, updated_at) values ($1, $2, $3, to_timestamp($4::float8 / 1000))
     on conflict (organization_id) do update set rules = excluded.rules, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
    [organizationId, JSON.stringify(Object.fromEntries(next)), userId, Math.max(nowMs, before.version + 1)],
  );
  return readRulesWithName(tx);
}
