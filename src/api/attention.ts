/** Whom a clinic looks at first: groups by the clinic's own rules, counts of them, and the rules. Information for people who decide; Islet decides nothing. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { changeRules, readRulesWithName, type KeptRules } from "#clinic/population/attention-rules.ts";
import { AGE_CLASSES, ageClassOf, standingOf, type PatientFacts, type Setting } from "#clinic/population/filter.ts";
import { CONNECTION_HEALTHS, flagsOf, isSnoozed, type Flag } from "#clinic/population/groups.ts";
import type { Period } from "#clinic/population/line.ts";
import { ALL_FACTS } from "#clinic/population/read-facts.ts";
import { readRows, type PopulationRow } from "#clinic/population/read-rows.ts";
import { DEFAULT_RULES, groupTitle, GROUPS, RULE_LIMITS, RULE_NAMES, ruleOf, ruleWords, type Group } from "#clinic/population/rules.ts";
import { listTags, type Tag } from "#clinic/tags/tags.ts";
import { audit } from "#people/audit/audit.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { formatInstant } from "#units/time.ts";
import { requireActor } from "./authenticate.ts";
import { JSON_TYPE } from "./column-json.ts";
import type { ApiContext } from "./context.ts";
import { ifMatchWelcome, putVersion, versionOf } from "./if-match.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { auditShown, inClinic, readEverybody, tell } from "./population.ts";
import { PROBLEM, PROBLEMS, type Server } from "./route-kit.ts";
import { populationQuery } from "./schemas/population-query.ts";
import { attention, attentionRules, attentionRulesPatch, clinicOverview, type Attention, type AttentionRulesShown, type ClinicOverview, type ClinicPatient } from "./schemas.ts";

const TAGS = ["clinic"];
/** The rules are told apart by when they were changed. */
const LATEST_MS = 8.64e14;
const FOR_CLINICIANS = { access: { who: "user", roles: ["clinician"] } } as const;
const daysQuery = populationQuery.pick({ days: true });
const attentionQuery = daysQuery.extend({ first: z.coerce.number().int().min(0).max(50).default(10).describe("How many patients of each group are told.") });

export function attentionRoutes(server: Server, context: ApiContext): void {
  server.get("/clinic/attention", {
    config: FOR_CLINICIANS,
    schema: {
      tags: TAGS, summary: "My patients by group, those first that need a look first", querystring: attentionQuery, response: { 200: attention, ...PROBLEMS },
      description: `${GLUCOSE_NOTICE} Each patient is listed in the first group whose rule fits and carries all that fit as flags. Who was put off with a reason is counted apart, until another group fits.`,
    },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    const read = await readAttention(context, { request: request as FastifyRequest, actor, days: Number(request.query.days) as Period, first: request.query.first });
    return reply.header(NOTICE_HEADER, GLUCOSE_NOTICE).type(JSON_TYPE).serializer(JSON.stringify).send(tellAttention(read, await tell(context, actor, read)));
  });

  server.get("/clinic/overview", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "How many of my patients are in which group, by their last data and by their connections", description: GLUCOSE_NOTICE, querystring: daysQuery, response: { 200: clinicOverview, ...PROBLEMS } },
  }, async (request, reply) => {
    const actor = await requireActor(context, request as FastifyRequest);
    reply.header(NOTICE_HEADER, GLUCOSE_NOTICE);
    const { all, setting } = await readAll(context, actor, Number(request.query.days) as Period);
    return inClinic(context, actor, async (tx) => {
      await audit(tx, actor.organizationId, { action: "population.counted", actorUserId: actor.userId, objectType: "route", objectId: request.routeOptions.url ?? "", purpose: "care", requestId: request.id });
      return tellOverview(all, setting);
    });
  });

  server.get("/clinic/attention-rules", {
    config: FOR_CLINICIANS,
    schema: { tags: TAGS, summary: "By which numbers the groups are made, in words too", description: "Its ETag is what a change names.", response: { 200: attentionRules, ...PROBLEMS } },
  }, async (request, reply) => {
    const { organizationId } = await requireActor(context, request as FastifyRequest);
    const kept = await context.database.withOrganization(organizationId, readRulesWithName);
    putVersion(reply, kept.version);
    return showRules(kept);
  });

  server.patch("/clinic/attention-rules", {
    config: FOR_CLINICIANS,
    schema: {
      tags: TAGS, summary: "Set the clinic's own numbers", description: "For all clinicians of the clinic, within limits. With `If-Match`, only where nobody else has changed them since.",
      headers: ifMatchWelcome, body: attentionRulesPatch, response: { 200: attentionRules, ...PROBLEMS, 412: PROBLEM },
    },
  }, async (request, reply) => {
    const { organizationId, userId } = await requireActor(context, request as FastifyRequest);
    const seen = request.headers["if-match"];
    const ifVersion = seen === undefined ? null : versionOf(seen, LATEST_MS);
    const changed = await context.database.withOrganization(organizationId, async (tx) => {
      const kept = await changeRules(tx, { organizationId, userId, nowMs: context.clock.now(), ifVersion }, request.body);
      await audit(tx, organizationId, { action: "attention_rules.changed", actorUserId: userId, objectType: "attention_rules", purpose: "administration", requestId: request.id });
      return kept;
    });
    putVersion(reply, changed.version);
    return showRules(changed);
  });
}

/** A patient with what was found. */
interface Found {
  readonly facts: PatientFacts;
  readonly flags: readonly Flag[];
  readonly isSnoozed: boolean;
}

async function readAll(context: ApiContext, actor: Actor, days: Period): Promise<{ all: Found[]; setting: Setting }> {
  const nowMs = context.clock.now();
  const { everybody, rules } = await readEverybody(context, actor, days, { ...ALL_FACTS, tags: null, names: false });
  const all = everybody.map((facts) => {
    const flags = flagsOf(standingOf(facts, days), rules, nowMs);
    return { facts, flags, isSnoozed: isSnoozed(flags, facts.review?.snooze ?? null, nowMs) };
  });
  return { all, setting: { days, rules, nowMs } };
}

interface Read {
  readonly all: readonly Found[];
  readonly setting: Setting;
  /** Of each group those who are not snoozed. */
  readonly listed: ReadonlyMap<Group, readonly Found[]>;
  readonly first: number;
  readonly rows: readonly PopulationRow[];
  readonly tags: readonly Tag[];
}

async function readAttention(context: ApiContext, { request, actor, days, first }: { readonly request: FastifyRequest; readonly actor: Actor; readonly days: Period; readonly first: number }): Promise<Read> {
  const { all, setting } = await readAll(context, actor, days);
  const groups = Map.groupBy(all.filter((each) => !each.isSnoozed), ({ flags }) => flags[0]?.group ?? null);
  const listed = new Map(GROUPS.map((group) => [group, (groups.get(group) ?? []).toSorted(byReview)]));
  const shown = [...listed.values()].flatMap((members) => members.slice(0, first).map(({ facts }) => facts));
  return inClinic(context, actor, async (tx) => {
    const rows = await readRows(tx, shown.map(({ id }) => id), { ...setting, days, userId: actor.userId });
    await auditShown(tx, request, actor, shown);
    return { all, setting, listed, first, rows, tags: await listTags(tx) };
  });
}

function tellAttention({ all, setting, listed, first }: Read, rows: readonly ClinicPatient[]): Attention {
  const told = new Map(rows.map((row) => [row.id, row]));
  const snoozed = all.filter((each) => each.isSnoozed);
  return {
    asOf: formatInstant(setting.nowMs), days: setting.days, ungrouped: all.filter(({ flags }) => flags.length === 0).length, snoozed: snoozed.length, notice: GLUCOSE_NOTICE,
    groups: GROUPS.map((group) => ({
      group, title: groupTitle(group), rule: ruleWords(group, setting.rules), count: listed.get(group)!.length, snoozed: snoozed.filter(({ flags }) => flags[0]?.group === group).length,
      patients: listed.get(group)!.slice(0, first).flatMap(({ facts }) => told.get(facts.id) ?? []),
    })),
  };
}

/** Whose last review is longest ago first, never reviewed before all; then by id. */
function byReview(one: Found, other: Found): number {
  const [a, b] = [one.facts.review?.reviewedMs ?? 0, other.facts.review?.reviewedMs ?? 0];
  return a === b ? (one.facts.id < other.facts.id ? -1 : 1) : a - b;
}

function tellOverview(all: readonly Found[], { days, nowMs }: Setting): ClinicOverview {
  const count = (holds: (found: Found) => boolean): number => all.filter(holds).length;
  return {
    asOf: formatInstant(nowMs), days, patients: all.length, ungrouped: count(({ flags }) => flags.length === 0), snoozed: count((each) => each.isSnoozed), notice: GLUCOSE_NOTICE,
    groups: GROUPS.map((group) => ({ group, title: groupTitle(group), listed: count((each) => !each.isSnoozed && each.flags[0]?.group === group), flagged: count(({ flags }) => flags.some((flag) => flag.group === group)) })),
    ages: Object.fromEntries(AGE_CLASSES.map((age) => [age, count(({ facts }) => ageClassOf(facts.line?.lastMs ?? null, nowMs) === age)])) as ClinicOverview["ages"],
    connections: Object.fromEntries(CONNECTION_HEALTHS.map((health) => [health, count(({ facts }) => facts.connection === health)])) as ClinicOverview["connections"],
  };
}

function showRules({ rules, updatedMs, updatedBy, updatedByName, version }: KeptRules): AttentionRulesShown {
  return {
    rules, defaults: DEFAULT_RULES, limits: RULE_NAMES.map((name) => ({ name, least: RULE_LIMITS[name][0], most: RULE_LIMITS[name][1] })),
    groups: GROUPS.map((group) => ({ group, title: groupTitle(group), rule: ruleWords(group, rules), by: ruleOf(group) })), updatedAt: updatedMs === null ? null : formatInstant(updatedMs), updatedBy, updatedByName,
    version,
  };
}
