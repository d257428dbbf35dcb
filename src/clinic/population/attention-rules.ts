/** A clinic's rules at rest. */
import type { Tx } from "#db/database.ts";
import { RULE_NAMES, rulesOf, type AttentionRules, type RuleName } from "./rules.ts";

export interface KeptRules {
  readonly rules: AttentionRules;
  /** Null: the clinic has set none. */
  readonly updatedMs: number | null;
  readonly updatedBy: string | null;
}

interface Row { readonly rules: Partial<Record<RuleName, number>>; readonly updatedMs: number; readonly updatedBy: string }

/** Those of the transaction's organization. */
export async function readRules(tx: Tx): Promise<KeptRules> {
  const row = await readRow(tx);
  return { rules: rulesOf(row?.rules ?? null), updatedMs: row?.updatedMs ?? null, updatedBy: row?.updatedBy ?? null };
}

async function readRow(tx: Tx): Promise<Row | undefined> {
  return (await tx.query<Row & Record<string, unknown>>(`select rules, updated_at as "updatedMs", updated_by as "updatedBy" from attention_rules`))[0];
}

/** Changes what is given, null back to Islet's own. The limits have been checked. */
export async function changeRules(
  tx: Tx, { organizationId, userId, nowMs }: { readonly organizationId: string; readonly userId: string; readonly nowMs: number }, change: Partial<Record<RuleName, number | null | undefined>>,
): Promise<KeptRules> {
  await tx.query("select 1 from organizations where id = $1 for no key update", [organizationId]);
  const kept = (await readRow(tx))?.rules ?? {};
  const next = RULE_NAMES.flatMap((name) => {
    const value = change[name] === undefined ? kept[name] : change[name];
    return typeof value === "number" ? [[name, value] as const] : [];
  });
  await tx.query(
    `insert into attention_rules (organization_id, rules, updated_by, updated_at) values ($1, $2, $3, to_timestamp($4::float8 / 1000))
     on conflict (organization_id) do update set rules = excluded.rules, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
    [organizationId, JSON.stringify(Object.fromEntries(next)), userId, nowMs],
  );
  return readRules(tx);
}
