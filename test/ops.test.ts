/** docs/ops says what is true: every metric and label in rules and dashboard is exported, every alert is explained, every figure is seen somewhere. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { systemClock } from "../src/clock.ts";
import { createTelemetry } from "#telemetry/telemetry.ts";

const read = (name: string): string => readFileSync(fileURLToPath(new URL(`../docs/ops/${name}`, import.meta.url)), "utf8");

/** What Prometheus and its scraping add. */
const ADDED_LABELS = ["job", "instance", "le"];
const FUNCTIONS = ["sum", "max", "min", "count", "rate", "increase", "changes", "histogram_quantile", "min_over_time", "topk", "vector", "label_values", "by", "on", "and", "or", "unless"];

interface Exported {
  readonly kind: string;
  readonly labels: readonly string[];
}

/** Every name that a scrape can hold, with its labels. */
function exported(): Map<string, Exported> {
  const { registry } = createTelemetry({ clock: systemClock, withProcess: true }).instruments;
  const names = new Map<string, Exported>();
  for (const metric of registry.getMetricsAsArray()) {
    const { name, type, labelNames } = metric as unknown as { name: string; type: string; labelNames: readonly string[] };
    const one = { kind: type, labels: labelNames };
    if (type === "histogram") for (const end of ["bucket", "sum", "count"]) names.set(`${name}_${end}`, one);
    else if (type === "summary") for (const end of ["sum", "count"]) names.set(`${name}_${end}`, one);
    else names.set(name, one);
  }
  return names;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly severity: string;
  readonly summary: string;
}

/** The rules as this file writes them: one key a line, expressions on one line or folded. */
function rules(): Rule[] {
  const unfolded = read("alerts.yml").replace(/: >-\n((?: {10}.*\n)+)/g, (_all, lines: string) => `: ${lines.trim().replace(/\s*\n\s*/g, " ")}\n`);
  return unfolded.split(/^ {6}- alert: /m).slice(1).map((text) => {
    const of = (key: string): string => new RegExp(`^ {8,10}${key}: (.*)$`, "m").exec(text)?.[1]!.trim() ?? "";
    return { alert: text.split("\n")[0]!.trim(), expr: of("expr"), severity: of("severity"), summary: of("summary") };
  });
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Dashboard {
  readonly __inputs: readonly { readonly name: string }[];
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: { readonly query: string } }[] };
}
const dashboard = (): Dashboard => JSON.parse(read("grafana-dashboard.json")) as Dashboard;
const queries = (): string[] => dashboard().panels.flatMap((panel) => panel.targets?.map(({ expr }) => expr) ?? []);

/** What an expression names that is not exported, or cannot have that label. */
function strangers(expr: string, names: Map<string, Exported>): string[] {
  const wrong: string[] = [];
  const used = new Set<string>();
  for (const match of expr.matchAll(/\b([a-z]+(?:_[a-z0-9]+)*)\b(?:\{([^}]*)\})?/g)) {
    const [, name = "", selector = ""] = match;
    if (!/^(?:islet|process|nodejs)_/.test(name)) continue;
    const metric = names.get(name);
    if (!metric) wrong.push(name);
    else {
      for (const label of metric.labels) used.add(label);
      for (const [, label = ""] of selector.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)) if (!metric.labels.includes(label) && !ADDED_LABELS.includes(label)) wrong.push(`${name}{${label}}`);
    }
  }
  for (const [, list = ""] of expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)) {
    for (const label of list.split(",").map((text) => text.trim())) if (!used.has(label) && !ADDED_LABELS.includes(label)) wrong.push(`by (${label})`);
  }
  const bare = expr.replace(/"[^"]*"/g, '""').replace(/\{[^}]*\}/g, "").replace(/\[[^\]]*\]/g, "").replace(/\b(?:by|on) \([^)]*\)/g, "");
  for (const [, word = ""] of bare.matchAll(/\b([a-z][a-z_0-9]*)\b/g)) if (!FUNCTIONS.includes(word) && !names.has(word) && word !== "up") wrong.push(`word ${word}`);
  for (const [open, close] of ["()", "{}", "[]"]) if (expr.split(open!).length !== expr.split(close!).length) wrong.push(`unbalanced ${open}`);
  return wrong;
}

describe("docs/ops/alerts.yml", () => {
  it("names only metrics and labels that are exported", () => {
    const names = exported();
    expect(rules().length).toBeGreaterThan(20);
    for (const { alert, expr } of rules()) {
      expect(expr, alert).toMatch(/^[a-z].* (?:==|>=?|<) [\d.]+/);
      expect(strangers(expr, names), alert).toEqual([]);
    }
  });

  it("can be caught naming what is not there", () => {
    const names = exported();
    expect(strangers("islet_inbox_depth > 1", names)).toContain("islet_inbox_depth");
    expect(strangers('islet_connections{patient="x"} > 1', names)).toEqual(["islet_connections{patient}"]);
    expect(strangers("sum by (queue) (islet_connections) > 1", names)).toEqual(["by (queue)"]);
    expect(strangers("rate(islet_syncs_total[5m] > 1", names)).toEqual(["unbalanced ("]);
    expect(strangers("histogram_quantil(0.5, islet_delivery_latency_seconds_bucket)", names)).toEqual(["word histogram_quantil"]);
  });

  it("gives each rule a name of its own, a severity and a summary, whose labels the expression keeps", () => {
    const all = rules();
    expect(new Set(all.map(({ alert }) => alert)).size).toBe(all.length);
    for (const { alert, expr, severity, summary } of all) {
      expect(alert).toMatch(/^Islet[A-Z]\w+$/);
      expect(["warning", "critical"], alert).toContain(severity);
      expect(summary, alert).not.toBe("");
      const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].map(([, list = ""]) => list.split(", "));
      for (const [, label = ""] of summary.matchAll(/\$labels\.(\w+)/g)) if (kept.length > 0) expect(kept[0], `${alert} ${label}`).toContain(label);
    }
  });

  it("watches what requirement W6 asks for [W6]", () => {
    const of = (name: string): string => rules().find(({ alert }) => alert === name)?.expr ?? "";
    expect(of("IsletInboxDeep")).toMatch(/islet_inbox_deliveries.*> 100$/);
    expect(of("IsletInboxOld")).toMatch(/islet_inbox_oldest_seconds.*> 300$/);
    expect(of("IsletDeliveriesFail")).toMatch(/islet_deliveries_processed_total.*> 0\.05$/);
    expect(of("IsletDeliveriesDead")).toMatch(/state="dead".*> 10$/);
    expect(of("IsletRefreshesFail")).toMatch(/islet_token_refreshes_total/);
  });
});

describe("docs/ops/grafana-dashboard.json", () => {
  it("names only metrics and labels that are exported, and knows its variables", () => {
    const names = exported();
    expect(queries().length).toBeGreaterThan(30);
    for (const expr of queries()) expect(strangers(expr, names), expr).toEqual([]);
    const { templating, __inputs: inputs } = dashboard();
    for (const { query } of templating.list) expect(strangers(query.query.replace(", job", ""), names)).toEqual([]);
    const variables = new Set([...JSON.stringify(dashboard()).matchAll(/\$(?:\{)?(\w+)/g)].map((match) => match[1]!));
    expect([...variables].toSorted()).toEqual([...templating.list.map(({ name }) => name), ...inputs.map(({ name }) => name), "__rate_interval"].toSorted());
  });

  it("lays its panels out without one on another", () => {
    const { panels } = dashboard();
    for (const [index, { title, gridPos: a }] of panels.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { title: other, gridPos: b } of panels.slice(index + 1)) {
        expect(a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h, `${title} / ${other}`).toBe(false);
      }
    }
  });

  it("shows, with the rules, every metric of ours", () => {
    const text = [...queries(), ...rules().map(({ expr }) => expr)].join("\n");
    const unseen = [...new Set([...exported().keys()].filter((name) => name.startsWith("islet_")).map((name) => name.replace(/_(?:bucket|sum|count)$/, "")))].filter((name) => !text.includes(name));
    expect(unseen).toEqual([]);
  });
});

describe("docs/ops/README.md", () => {
  it("explains each alert, and no other", () => {
    const explained = [...read("README.md").matchAll(/^### (Islet\w+)$/gm)].map((match) => match[1]!);
    expect(explained).toEqual(rules().map(({ alert }) => alert));
  });

  it("names only metrics that are exported", () => {
    const names = exported();
    const known = (name: string): boolean => names.has(name) || names.has(`${name}_bucket`);
    const named = [...read("README.md").matchAll(/`((?:islet|nodejs|process)_[a-z0-9_]+)(?:\{[^`]*\})?`/g)].map((match) => match[1]!).filter((name) => !name.endsWith("_"));
    expect(named.length).toBeGreaterThan(6);
    expect(named.filter((name) => !known(name))).toEqual([]);
  });
});
