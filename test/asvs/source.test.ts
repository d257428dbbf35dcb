/** What the code never does, read from the code itself. */
import { describe, expect, it } from "vitest";
import { code, filesWith, pages, read, server } from "./files.ts";

/** Pieces of SQL that are put together from constants of ours: names of tables and columns, directions, conditions without values. */
const OWN_PIECES: ReadonlySet<string> = new Set([
  "src/db/database.ts role", "src/db/database.ts written(text, values)", "src/inbox/claims.ts which", "src/ingest/write-records.ts columns.join(\", \")", "src/ingest/write-records.ts end",
  "src/live/feed.ts MOST_MISSED + 1", "src/people/accounts/links.ts table", "src/people/audit/search.ts isFamily ? \"starts_with(action, $4)\" : \"action = $4\"",
  "src/people/audit/search.ts isForwards ? \"asc\" : \"desc\"", "src/people/audit/search.ts isForwards ? \"id > $1\" : \"id < $1\"", "src/privacy/erasure/raw-deliveries.ts and",
  "src/privacy/erasure/run.ts isHeld(\"e.patient_id\")", "src/privacy/erasure/steps.ts column", "src/privacy/erasure/steps.ts rule.table", "src/privacy/erasure/steps.ts table",
  "src/privacy/erasure/steps.ts whose(rule)", "src/privacy/erasure/wishes.ts isHeld(\"patients.id\")", "src/privacy/holds.ts patient", "src/privacy/package/rows.ts rule.table",
  "src/privacy/package/rows.ts whose(rule)", "src/privacy/retention.ts before", "src/privacy/retention.ts isHeld(\"$1::uuid\")", "src/privacy/retention.ts isHeld(\"e.patient_id\")",
  "src/privacy/retention.ts isHeld(\"o.patient_id\")", "src/privacy/retention.ts old", "src/privacy/retention.ts statement", "src/privacy/retention.ts table", "src/samples/records.ts table",
  "src/samples/store/blocks.ts direction", "src/samples/store/hot.ts direction", "src/samples/store/versions.ts kind === \"sleep\" ? \"sleeps\" : \"workouts\"",
  "src/summaries/store.ts waits ? \"\" : \"skip locked\"", "src/sync/disconnect.ts table", "src/sync/rotate-people.ts column", "src/sync/rotate-people.ts most", "src/sync/rotate-people.ts ring",
  "src/clinic/care-team/care-team.ts 2 * MOST_MEMBERS", "src/clinic/history/write-entries.ts enteredInErrorAt", "src/clinic/population/read-facts.ts text",
  "src/clinic/population/read-facts.ts wanted === \"counts\" ? \"\" : \"|| ' ' || string_agg(tag_id::text, ',')\"", "src/clinic/population/read-facts.ts wanted.names ? \"order by p.display_name, p.id\" : \"\"", "src/clinic/population/read-facts.ts wanted.names ? \"|| ',' || to_json(p.display_name)::text\" : \"\"",
  "src/samples/records.ts table === \"treatments\" ? \" and ($7::text is null or kind = $7) and ($8::text is null or details ->> 'meal' = $8)\" : \"\"",
  "src/sync/rotate-people.ts table",
]);

function piecesOfSql(): string[] {
  const found = new Set<string>();
  for (const file of server) {
    for (const [, text = ""] of code(file).matchAll(/`([^`]*)`/g)) {
      if (!/\b(select|insert into|update \w+ set|delete from)\b/.test(text)) continue;
      for (const [, piece = ""] of text.matchAll(/\$\{([^}]*)\}/g)) {
        if (!/^[A-Z][A-Z0-9_]*(\[\w+\])?$/.test(piece.trim())) found.add(`${file} ${piece.trim()}`);
      }
    }
  }
  return [...found].toSorted();
}

describe("the code", () => {
  it("was really read", () => {
    expect(server.length).toBeGreaterThan(400);
    expect(pages.length).toBeGreaterThan(40);
  });

  it("puts no value into SQL: statements are made of constants, and each piece was looked at [ASVS 1.2.4]", () => {
    const pieces = piecesOfSql();
    expect(pieces.filter((piece) => !OWN_PIECES.has(piece))).toEqual([]);
    expect([...OWN_PIECES].filter((piece) => !pieces.includes(piece)), "no longer there").toEqual([]);
  });

  it("starts PostgreSQL and no other program, with its arguments apart and without a shell [ASVS 1.2.5]", () => {
    expect(filesWith(server, /child_process/)).toEqual(["src/db/embedded.ts"]);
    const embedded = code("src/db/embedded.ts");
    expect(embedded).toMatch(/import \{ spawn, type ChildProcess \} from "node:child_process"/);
    expect(embedded).not.toMatch(/shell:/);
  });

  it("makes regular expressions of its own words alone, never of what somebody sent [ASVS 1.2.9]", () => {
    // Routes and words of ours; the operator's pattern for ids, which is a pattern on purpose; names that vendors' formats have.
    expect(filesWith([...server, ...pages], /new RegExp\(|\bRegExp\(/)).toEqual([
      "src/api/guards.ts", "src/api/schemas/population-query.ts", "src/config.ts", "src/drivers/apple-health/map-export-measure.ts", "src/drivers/apple-health/quantities.ts", "src/imports/times.ts",
    ]);
  });

  it("runs nothing that was text: no eval, no Function, no vm, no timer of a string [ASVS 1.3.2]", () => {
    expect(filesWith([...server, ...pages], /\beval\(|\bnew Function\(|node:vm"|set(Timeout|Interval)\(\s*["'`]/)).toEqual([]);
  });

  it("shows text by React, and as markup its own pictures alone, which escape what people wrote [ASVS 3.2.2]", () => {
    expect(filesWith(pages, /dangerouslySetInnerHTML|\.innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|srcDoc/)).toEqual(["web/charts/Picture.tsx"]);
    expect(code("web/charts/Picture.tsx")).toContain("toSvg(draw(");
  });

  it("hears no window's messages and opens no WebSocket, plugin or worker [ASVS 3.7.1]", () => {
    // What Islet's own tabs tell one another, by a channel that no other origin has.
    expect(filesWith(pages, /addEventListener\("message"/)).toEqual(["web/portal/main.tsx"]);
    expect(code("web/portal/main.tsx")).toMatch(/const tabs = new BroadcastChannel\(/);
    expect(filesWith(pages, /window\.addEventListener\("message"|onmessage\s*=|new WebSocket|<object|<embed|<applet|new SharedWorker|document\.domain/)).toEqual([]);
    expect(filesWith(server, /websocket/i)).toEqual([]);
  });

  it("masks every password that is typed, and hinders nobody's pasting or password manager [ASVS 6.2.6, 6.2.7]", () => {
    const inputs = pages.flatMap((file) => [...code(file).matchAll(/<input\b[\s\S]*?\/>/g)].map(([text]) => ({ file, text }))).filter(({ text }) => /password/i.test(text));
    expect(inputs.length).toBeGreaterThan(1);
    expect(inputs.filter(({ text }) => !/type=("password"|\{isSecret \? "password"|\{isShown \? "text" : "password"\})/.test(text))).toEqual([]);
    expect(inputs.filter(({ text }) => /name="password"/.test(text) && !/autoComplete="(current|new)-password"/.test(text))).toEqual([]);
    expect(filesWith(pages, /onPaste|onCopy|onDrop=|readOnly=\{/)).toEqual([]);
  });

  it("keeps in a browser how pages look and that the notice was read, and nothing of health [ASVS 14.3.3]", () => {
    expect(filesWith(pages, /localStorage|sessionStorage|indexedDB|caches\.open|serviceWorker|document\.cookie/)).toEqual(["web/office/store.ts", "web/portal/device-memory.ts"]);
    // Of the office: looks, columns and saved filters; never whom somebody looked for, which is no filter (docs/office.md).
    expect(code("web/office/store.ts")).toContain("const KEPT = /^(theme|sidebar\\.open|preferences\\.|.*\\.savedQueries$)/;");
    const names = pages.flatMap((file) => [...code(file).matchAll(/(?<!function )\b(?:remember|recall)\(([^,)]+)/g)].map(([, name]) => name!));
    expect([...new Set(names)].toSorted()).toEqual(['"locale"', '"theme"', "`notice.${userId}`"]);
  });

  it("draws what must not be guessed from the system's generator [ASVS 11.5.1]", () => {
    // Where a retry waits a while, and nothing else.
    expect(filesWith([...server, ...pages], /Math\.random/)).toEqual(["src/app.ts", "src/db/database.ts"]);
    const sizes = server.flatMap((file) => [...code(file).matchAll(/randomBytes\((\d+)\)/g)].map(([, size]) => ({ file, size: Number(size) })));
    expect(sizes.length).toBeGreaterThan(8);
    // A nonce's beginning under a key of its own, and the name of a device: neither is a secret. The demo's password is two of four bytes, for a machine of one's own.
    const noSecrets = new Set(["src/privacy/package/run.ts", "src/sync/device-door.ts", "src/data-folder.ts"]);
    expect(sizes.filter(({ file, size }) => size < 16 && !noSecrets.has(file))).toEqual([]);
  });

  it("compares strictly, types everything and allows no `any` [ASVS 15.3.5]", () => {
    const loose = [...server, ...pages].flatMap((file) => [...code(file).matchAll(/[^=!<>]==(?!=)\s*(\S+)|!=(?!=)\s*(\S+)/g)].map((match) => ({ file, right: match[1] ?? match[2] ?? "" })));
    // `!= null` means both nothings; texts of SQL and of addresses have the sign, too.
    expect([...new Set(loose.filter(({ right }) => !/^(null|\$)/.test(right)).map(({ file, right }) => `${file} ${right}`))]).toEqual([]);
    const compiler = read("tsconfig.json");
    expect(compiler).toMatch(/"strict": true/);
    expect(read(".oxlintrc.json")).toContain('"typescript/no-explicit-any": "error"');
  });

  it("follows no redirect of a server that it calls [ASVS 15.3.2]", () => {
    expect(filesWith(server, /maxRedirections|redirect\(\{|interceptors\.redirect|follow-redirects|redirect: "follow"/)).toEqual([]);
  });
});
