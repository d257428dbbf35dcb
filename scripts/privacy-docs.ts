/** Writes the tables of docs/privacy.md from the lists in the code. */
import { readFile, writeFile } from "node:fs/promises";
import { retentionTable } from "#privacy/retention.ts";
import { rulesTable } from "#privacy/tables.ts";

const file = new URL("../docs/privacy.md", import.meta.url);
let text = await readFile(file, "utf8");
for (const [name, table] of [["rules", rulesTable()], ["retention", retentionTable()]] as const) {
  const part = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!part.test(text)) throw new Error(`docs/privacy.md has no place for the table of ${name}.`);
  text = text.replace(part, (_, begin: string, end: string) => `${begin}${table}\n${end}`);
}
await writeFile(file, text);
