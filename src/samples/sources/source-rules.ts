/** The patient's own rules of which sources are believed: the table. Nobody else reads or writes it. */
import type { Tx } from "#db/database.ts";
import { metricById, METRICS } from "#units/metrics.ts";
import type { RuleScope, SourceRule, SourceSelector } from "./ranking.ts";

export interface StoredRule extends SourceRule {
  readonly scope: RuleScope;
  readonly updatedMs: number;
}

/** Stands for all metrics in the table; no metric has it. */
const ALL = 0;

function idOf(scope: RuleScope): number {
  return scope === "all" ? ALL : METRICS[scope].id;
}

/** The patient's rules, the one for all first. */
export async function listRules(tx: Tx, patientId: string): Promise<StoredRule[]> {
  const rows = await tx.prepared<{ metric: number; preferred: SourceSelector[]; excluded: SourceSelector[]; updated_at: number }>(
    "list_source_rules", "select metric, preferred, excluded, updated_at from source_rules where patient_id = $1 order by metric", [patientId],
  );
  return rows.flatMap((row) => {
    const scope = row.metric === ALL ? "all" : metricById(row.metric);
    return scope === null ? [] : [{ scope, order: row.preferred, exclude: row.excluded, updatedMs: row.updated_at }];
  });
}

export function rulesByScope(rules: readonly StoredRule[]): Map<RuleScope, SourceRule> {
  return new Map(rules.map((rule) => [rule.scope, rule]));
}

export interface RuleOwner {
  readonly organizationId: string;
  readonly patientId: string;
}

/** Writes a rule in place of the one before. False where it was the very same. */
export async function putRule(tx: Tx, owner: RuleOwner, scope: RuleScope, rule: SourceRule & { readonly byUserId: string }): Promise<boolean> {
  const changed = await tx.query(
    `insert into source_rules as r (organization_id, patient_id, metric, preferred, excluded, updated_by) values ($1, $2, $3, $4::jsonb, $5::jsonb, $6)
     on conflict (patient_id, metric) do update set preferred = excluded.preferred, excluded = excluded.excluded, updated_by = excluded.updated_by, updated_at = now()
     where (r.preferred, r.excluded) is distinct from (excluded.preferred, excluded.excluded) returning 1`,
    [owner.organizationId, owner.patientId, idOf(scope), JSON.stringify(rule.order), JSON.stringify(rule.exclude), rule.byUserId],
  );
  return changed.length > 0;
}

/** False where there was none. */
export async function deleteRule(tx: Tx, patientId: string, scope: RuleScope): Promise<boolean> {
  return (await tx.query("delete from source_rules where patient_id = $1 and metric = $2 returning 1", [patientId, idOf(scope)])).length > 0;
}
