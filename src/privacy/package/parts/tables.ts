/** Tables whose rows are told as they are: each as JSON Lines and as CSV. */
import { csvRow, type Cell } from "#exports/csv.ts";
import { SHAPES, type ShapeName } from "../../shapes.ts";
import { TABLE_RULES, type TableRule } from "../../tables.ts";
import type { PackageFile, PackagePart, PackageSource } from "../parts.ts";
import { columnOf, countRows, readRows, type Read, type Row } from "../rows.ts";

interface Told {
  readonly rule: TableRule;
  readonly file: string;
  readonly shape: ShapeName;
}

const TOLD: readonly (Told & { readonly isOwnOnly: boolean })[] = TABLE_RULES.flatMap((rule) =>
  "file" in rule.told ? [{ rule, file: rule.told.file, shape: rule.told.shape, isOwnOnly: rule.told.isOwnOnly ?? false }] : []);

/** Excel in Spanish takes a file for UTF-8 only behind this. */
export const BYTE_ORDER_MARK = "\uFEFF";

export const tablesPart: PackagePart = {
  name: "tables",
  count: async (source) => {
    let total = 0;
    for (const { rule } of toldTo(source)) total += 2 * ((await readerOf(source, rule)((tx) => countRows(tx, rule, source.subject))) ?? 0);
    return total;
  },
  async *files(source) {
    for (const told of toldTo(source)) {
      if ((await readerOf(source, told.rule)((tx) => countRows(tx, told.rule, source.subject))) === null) continue;
      yield jsonLines(source, told);
      yield csv(source, told);
    }
  },
  leftOut: async (source) => {
    const missing: { what: string; why: string }[] = TABLE_RULES.flatMap(({ table, told }) => ("untold" in told ? [{ what: table, why: told.untold }] : []));
    for (const { rule, isOwnOnly } of TOLD) {
      if (isOwnOnly && !source.isOwn) missing.push({ what: rule.table, why: "for the person alone, and somebody else asked for this package" });
      else if ((await readerOf(source, rule)((tx) => countRows(tx, rule, source.subject))) === null) missing.push({ what: rule.table, why: "not readable here: ask the organization" });
    }
    return missing;
  },
};

function toldTo(source: PackageSource): readonly Told[] {
  return TOLD.filter(({ isOwnOnly }) => source.isOwn || !isOwnOnly);
}

function readerOf(source: PackageSource, { byAuditor }: TableRule): Read {
  return byAuditor ? source.readAudit : source.read;
}

function jsonLines(source: PackageSource, { rule, file, shape }: Told): PackageFile {
  return {
    path: `${file}.jsonl`, mediaType: "application/x-ndjson", schema: shape,
    async *content(count) {
      for await (const rows of readRows(readerOf(source, rule), rule, shape, source.subject)) {
        yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
        count(rows.length);
      }
    },
  };
}

function csv(source: PackageSource, { rule, file, shape }: Told): PackageFile {
  const fields = Object.keys(SHAPES[shape].shape);
  return {
    path: `${file}.csv`, mediaType: "text/csv", schema: null,
    async *content(count) {
      yield BYTE_ORDER_MARK + csvRow(fields.map(columnOf));
      for await (const rows of readRows(readerOf(source, rule), rule, shape, source.subject)) {
        yield rows.map((row) => csvRow(cellsOf(row, fields))).join("");
        count(rows.length);
      }
    },
  };
}

function cellsOf(row: Row, fields: readonly string[]): Cell[] {
  return fields.map((field) => {
    const value = row[field] ?? null;
    if (value === null || typeof value === "string" || typeof value === "number") return value;
    return typeof value === "boolean" ? String(value) : JSON.stringify(value);
  });
}
