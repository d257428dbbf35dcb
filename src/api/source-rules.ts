/** Which sources of each metric are believed first, why, and the patient's own say in it. Requirements R4, W4. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Tx } from "#db/database.ts";
import { announce } from "#ingest/changes.ts";
import { isId, type PatientRow } from "#people/access/access.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { explainSources, fits, isExcluded, pathOf, ruleOf, type PlaceReason, type RuleScope, type SourceRule, type SourceSelector } from "#samples/sources/ranking.ts";
import { readSeries, type KnownSeries } from "#samples/read.ts";
import { listSeries, type Series } from "#samples/store/series.ts";
import { deleteRule, listRules, putRule, type StoredRule } from "#samples/sources/source-rules.ts";
import { listConnections } from "#sync/connections.ts";
import { isMetricName, METRIC_NAMES, METRICS } from "#units/metrics.ts";
import { formatInstant } from "#units/time.ts";
import { InvalidInput, type InputIssue } from "../errors.ts";
import type { ApiContext } from "./context.ts";
import { PROBLEMS, patientParams, type Server, withPatient } from "./route-kit.ts";
import { sourceRuleBody, sourceRuleReply, sourceRules, type SourcePlaces } from "./schemas.ts";
import { showSource } from "./sources.ts";

const ruleParams = patientParams.extend({ metric: z.string().max(60).describe("A metric's name, or `all`.") });

export function sourceRuleRoutes(server: Server, context: ApiContext): void {
  server.get("/patients/:patientId/source-rules", {
    config: { access: { who: "patient", scope: "view" } },
    schema: {
      tags: ["measurements"], summary: "Which sources are believed, metric by metric, and why",
      description: "Every source's values are kept. What is shown is decided at reading, interval by interval: the first source where it has data, the next in its gaps.",
      params: patientParams, response: { 200: sourceRules, ...PROBLEMS },
    },
  }, (request) =>
    withPatient(context, request, async (tx, patient) => {
      const known = await readSeries(tx, patient.id);
      return { rules: (await listRules(tx, patient.id)).map(showRule), metrics: showPlaces(context, known) };
    }));

  server.put("/patients/:patientId/source-rules/:metric", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: ["measurements"], summary: "Say which sources are believed first, and which not at all",
      description: "Replaces the rule of this metric. A rule of a metric's own replaces the one of `all` for it, wholly.",
      params: ruleParams, body: sourceRuleBody, response: { 200: sourceRuleReply, ...PROBLEMS },
    },
  }, async (request) => {
    const scope = scopeOf(request.params.metric);
    return withPatient(context, request, async (tx, patient, actor) => {
      const rule = request.body;
      await checkSelectors(context, tx, patient, rule);
      const isChanged = await putRule(tx, { organizationId: patient.organizationId, patientId: patient.id }, scope, { ...rule, byUserId: actor.userId });
      if (isChanged) await tell(tx, { request, patient, actor, scope, action: "source_rule.set" });
      const known = await readSeries(tx, patient.id, scope === "all" ? undefined : [scope]);
      const stored = (await listRules(tx, patient.id)).find((each) => each.scope === scope)!;
      return { rule: showRule(stored), metrics: showPlaces(context, known).filter((each) => each.rule === scope) };
    });
  });

  server.delete("/patients/:patientId/source-rules/:metric", {
    config: { access: { who: "patient", scope: "manage" } },
    schema: {
      tags: ["measurements"], summary: "Go back to the rule of all metrics, or to Islet's own", description: "Nothing happens where there is no such rule.",
      params: ruleParams, response: { 204: z.null(), ...PROBLEMS },
    },
  }, async (request, reply) => {
    const scope = scopeOf(request.params.metric);
    await withPatient(context, request, async (tx, patient, actor) => {
      if (await deleteRule(tx, patient.id, scope)) await tell(tx, { request, patient, actor, scope, action: "source_rule.removed" });
    });
    return reply.code(204).send(null);
  });
}

/** Throws InvalidInput for what is no metric. */
function scopeOf(text: string): RuleScope {
  if (text === "all" || isMetricName(text)) return text;
  throw new InvalidInput("The address names no metric.", { issues: [{ pointer: "/params/metric", detail: `use all, or one of ${METRIC_NAMES.join(", ")}` }] });
}

interface Told {
  readonly request: FastifyRequest;
  readonly patient: PatientRow;
  readonly actor: Actor;
  readonly scope: RuleScope;
  readonly action: string;
}

/** Into the audit log, and into the change feed: what was computed from measurements is to be computed anew. */
async function tell(tx: Tx, { request, patient, actor, scope, action }: Told): Promise<void> {
  const { organizationId, id: patientId } = patient;
  await audit(tx, organizationId, { action, actorUserId: actor.userId, patientId, objectType: "source_rule", objectId: scope, requestId: request.id });
  await announce(tx, { organizationId, patientId, connectionId: null, deliveryId: null }, [
    { kind: "sources", metric: scope === "all" ? null : METRICS[scope].id, count: 1, fromMs: null, toMs: null },
  ]);
}

/** Throws InvalidInput for a selector that can fit nothing of this patient: a slip of the pen would else go unnoticed for ever. */
async function checkSelectors(context: ApiContext, tx: Tx, patient: PatientRow, { order, exclude }: SourceRule): Promise<void> {
  const series = await listSeries(tx, patient.id);
  const connections = await listConnections(tx, patient.id);
  const providers = new Set([...context.sync.providers.drivers.map(({ id }) => id), ...series.map(({ provider }) => provider)]);
  const issues: InputIssue[] = [];
  const check = (selector: SourceSelector, pointer: string): void => {
    const { provider, connectionId, deviceId } = selector;
    if (provider === undefined && connectionId === undefined && deviceId === undefined) {
      issues.push({ pointer, detail: "names nothing: give provider, connectionId or deviceId" });
    } else if (provider !== undefined && !providers.has(provider)) {
      issues.push({ pointer: `${pointer}/provider`, detail: "is no provider: use an id of GET /providers, or a provider of GET …/source-rules" });
    } else if (connectionId !== undefined && !(isId(connectionId) && connections.some((each) => each.connectionId === connectionId))) {
      issues.push({ pointer: `${pointer}/connectionId`, detail: "is no connection of this patient: use an id of GET …/connections" });
    } else if (deviceId !== undefined && !series.some((each) => fits(selector, each))) {
      issues.push({ pointer: `${pointer}/deviceId`, detail: "is no device of this patient that fits: use a deviceId of GET …/source-rules" });
    }
  };
  for (const [name, selectors] of [["order", order], ["exclude", exclude]] as const) {
    for (const [index, selector] of selectors.entries()) {
      const pointer = `/body/${name}/${index}`;
      check(selector, pointer);
      const isTwice = selectors.slice(0, index).some((other) => isSame(other, selector)) || (name === "exclude" && order.some((other) => isSame(other, selector)));
      if (isTwice) issues.push({ pointer, detail: "is named twice: leave it in one place" });
    }
  }
  if (issues.length > 0) throw new InvalidInput("The rule names sources that cannot be meant.", { issues });
}

function isSame(one: SourceSelector, other: SourceSelector): boolean {
  return one.provider === other.provider && one.connectionId === other.connectionId && one.deviceId === other.deviceId;
}

function showRule({ scope, order, exclude, updatedMs }: StoredRule) {
  return { metric: scope, order: [...order], exclude: [...exclude], updatedAt: formatInstant(updatedMs) };
}

/** By metric, in the order of the vocabulary. */
function showPlaces(context: ApiContext, known: KnownSeries): SourcePlaces[] {
  const byMetric = Map.groupBy(known.series, ({ metric }) => metric);
  return METRIC_NAMES.filter((metric) => byMetric.has(metric)).map((metric) => {
    const series = byMetric.get(metric)!;
    const found = ruleOf(known.rules, metric);
    const show = (each: Series, reason: PlaceReason | "excluded") => showPlace(context, known, each, reason);
    return {
      metric, rule: found?.scope ?? null,
      sources: [
        ...explainSources(series, known).map((each) => show(each.series, each.reason)),
        ...series.filter((each) => isExcluded(found?.rule, each)).map((each) => show(each, "excluded")),
      ],
    };
  });
}

function showPlace(context: ApiContext, known: KnownSeries, series: Series, reason: PlaceReason | "excluded"): SourcePlaces["sources"][number] {
  const facts = known.facts.get(series.id);
  const at = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : formatInstant(ms));
  return {
    source: showSource(context, series), deviceId: series.deviceId === "" ? null : series.deviceId, isDayTotal: series.isDayTotal, path: pathOf(series),
    spacingS: facts?.spacingMs === null || facts === undefined ? null : Math.round(facts.spacingMs / 1000),
    firstAt: at(facts?.firstMs), newestAt: at(known.newest.get(series.id)), reason,
  };
}
