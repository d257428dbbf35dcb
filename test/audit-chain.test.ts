/** The chains of the audit log: written at COMMIT by the database, read and recomputed here, tampered with as only the tables' owner can. */
import { mkdtemp, readFile, rm, writeFile, appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ANCHORS_FILE, anchorLine, createAnchoring, readAnchors } from "#people/audit/anchors.ts";
import { audit, type AuditEntry } from "#people/audit/audit.ts";
import { ENTRY_FIELDS, genesisHash, linkHash, NO_ORGANIZATION } from "#people/audit/chain.ts";
import type { Tampering } from "#people/audit/judge-chain.ts";
import { auditKeys } from "#people/audit/keys.ts";
import { pruneAuditLog } from "#people/audit/prune.ts";
import { readHeads, readLinks } from "#people/audit/read-chain.ts";
import { verifyAuditLog, type Verification } from "#people/audit/verify.ts";
import { silentLog } from "../src/log.ts";
import { createTestClock } from "./kit/clock.ts";
import { createTestDatabase, type TestDatabase } from "./kit/database.ts";

const keys = auditKeys("a secret of at least thirty-two characters");
const clock = createTestClock();
const folder = await mkdtemp(join(tmpdir(), "islet-anchors-"));
afterAll(() => rm(folder, { recursive: true }));

interface Log {
  readonly db: TestDatabase;
  readonly organizationId: string;
  readonly file: string;
  readonly anchor: () => Promise<number>;
  write(entries: number, of?: Partial<AuditEntry>): Promise<void>;
  verify(options?: { sinceMs?: number }): Promise<Verification>;
}

const REFUSED = /permission denied|must be owner|trigger functions can only be called/;

const open: TestDatabase[] = [];
afterAll(async () => {
  for (const db of open) await db.close();
});

async function openLog(name: string): Promise<Log> {
  const db = await createTestDatabase();
  open.push(db);
  const [row] = await db.asOwner<{ id: string }>("insert into organizations (name) values ('A clinic') returning id");
  const file = join(folder, `${name}-${ANCHORS_FILE}`);
  const organizationId = row!.id;
  return {
    db, organizationId, file, anchor: createAnchoring({ database: db.database, clock, log: silentLog, keys, file }),
    write: async (entries, of = {}) => {
      for (let n = 0; n < entries; n += 1) {
        await db.database.withOrganization(organizationId, (tx) => audit(tx, organizationId, { action: "patient.view", objectType: "route", objectId: `/place/${n}`, ...of }));
      }
    },
    verify: (options = {}) => verifyAuditLog({ database: db.database, keys, anchors: readAnchors(keys, file), ...options }),
  };
}

/** As the owner of the tables, with every trigger silent. */
async function tamper(log: Log, ...statements: string[]): Promise<void> {
  await log.db.asOwner(["begin", "set local session_replication_role = replica", ...statements, "commit"].join(";\n"));
}

const kinds = ({ findings }: Verification): Tampering[] => findings.map(({ kind }) => kind);
/** The id of the entry at a place of the organization's chain. */
const at = (log: Log, seq: number): string => `(select entry_id from audit_links where chain = '${log.organizationId}' and seq = ${seq})`;

describe("the chain of the audit log", () => {
  it("links each entry to the one before it, in every field, as a second reading of it recomputes [PR-07]", async () => {
    const log = await openLog("fields");
    const { database } = log.db;
    await log.write(2, { actorUserId: "6f5b1c1e-1f0a-4f3e-9a55-0c6f6f0a1b2c", patientId: "0d5b1c1e-1f0a-4f3e-9a55-0c6f6f0a1b2c", requestId: "request-4711", purpose: "break_glass" });
    await database.asSystem((tx) => audit(tx, null, { action: "vault.rotated" }));
    const heads = await database.asAuditor(null, readHeads);
    expect(heads.map(({ chain, seq }) => [chain, seq])).toEqual([[NO_ORGANIZATION, 1], [log.organizationId, 2]].toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)));
    const links = await database.asAuditor(log.organizationId, (tx) => readLinks(tx, log.organizationId, { after: 0, through: 9, limit: 9 }));
    const first = linkHash(genesisHash(log.organizationId), links[0]!.entry!);
    expect(links[0]!.hash).toEqual(first);
    expect(links[1]!.hash).toEqual(linkHash(first, links[1]!.entry!));
    // A column that is not hashed could be changed unseen.
    const columns = await log.db.asOwner<{ name: string }>("select column_name as name from information_schema.columns where table_name = 'audit_log'");
    expect(columns.map(({ name }) => name).toSorted()).toEqual([...ENTRY_FIELDS].toSorted());
  });

  it("takes no note of what was rolled back, and leaves no gap for it", async () => {
    const log = await openLog("rollback");
    await log.write(1);
    await expect(log.db.database.withOrganization(log.organizationId, async (tx) => {
      await audit(tx, log.organizationId, { action: "patient.view" });
      throw new Error("on purpose");
    })).rejects.toThrow("on purpose");
    await log.write(1);
    expect(await log.verify()).toMatchObject({ links: 2, findings: [] });
  });

  it("stays whole under many writers at once, also such as write to two chains in opposite order", async () => {
    const log = await openLog("crowd");
    const { database } = log.db;
    const both = (first: string | null, second: string | null) =>
      database.asSystem(async (tx) => {
        await audit(tx, first, { action: "test.first" });
        await audit(tx, second, { action: "test.second" });
      });
    const pairs = Array.from({ length: 40 }, (_each, n) => (n % 2 === 0 ? both(null, log.organizationId) : both(log.organizationId, null)));
    await Promise.all([...pairs, ...Array.from({ length: 20 }, () => log.write(2))]);
    const [deadlocks] = await log.db.asOwner<{ n: string }>("select deadlocks::text as n from pg_stat_database where datname = current_database()");
    expect(deadlocks!.n).toBe("0");
    expect(await log.verify()).toMatchObject({ chains: 2, links: 120, findings: [] });
  });

  it("gives the working roles nothing but to add entries, and not to say when [PR-07]", async () => {
    const log = await openLog("rights");
    await log.write(1);
    const { database } = log.db;
    const attempts = [
      "update audit_log set action = 'x.y'", "delete from audit_log", "truncate audit_log", "select 1 from audit_log", "insert into audit_log (action, at) values ('x.y', now())",
      ...["audit_links", "audit_heads", "audit_prunings"].flatMap((table) => [`select 1 from ${table}`, `delete from ${table}`, `truncate ${table}`]),
      "update audit_links set seq = 9", "update audit_heads set seq = 9", "insert into audit_links (chain, seq, entry_id, hash) select gen_random_uuid(), 1, 1, sha256('x')",
      "set session_replication_role = replica", "alter table audit_log disable trigger all", "set role islet_audit_keeper", "select link_audit_entry()",
    ];
    for (const statement of attempts) {
      await expect(database.asSystem((tx) => tx.query(statement)), statement).rejects.toThrow(REFUSED);
      await expect(database.withOrganization(log.organizationId, (tx) => tx.query(statement)), statement).rejects.toThrow(REFUSED);
    }
    for (const statement of attempts.filter((text) => !text.startsWith("select 1"))) {
      await expect(database.asAuditor(null, (tx) => tx.query(statement)), statement).rejects.toThrow(REFUSED);
    }
    await expect(database.asAuditor(null, (tx) => tx.query("select 1 from users"))).rejects.toThrow(/permission denied/);
    expect(await log.verify()).toMatchObject({ links: 1, findings: [] });
  });

  it("shows an auditor of one organization nothing of another", async () => {
    const log = await openLog("other");
    await log.write(2);
    await log.db.database.asSystem((tx) => audit(tx, null, { action: "vault.rotated" }));
    const [other] = await log.db.asOwner<{ id: string }>("insert into organizations (name) values ('Another') returning id");
    const counts = (organizationId: string | null) =>
      log.db.database.asAuditor(organizationId, async (tx) => Object.values((await tx.query<Record<string, string>>(
        "select (select count(*) from audit_log) as a, (select count(*) from audit_links) as b, (select count(*) from audit_heads) as c"))[0]!).map(Number));
    expect(await counts(other!.id)).toEqual([0, 0, 0]);
    expect(await counts(log.organizationId)).toEqual([2, 2, 1]);
    expect(await counts(null)).toEqual([3, 3, 2]);
  });
});

describe("tampering with the audit log [PR-07]", () => {
  let log: Log;
  beforeEach(async () => {
    log = await openLog(`tamper-${open.length}`);
    await log.write(12);
    await log.db.database.asSystem((tx) => audit(tx, null, { action: "vault.rotated" }));
    await log.anchor();
    await log.write(4);
    await log.anchor();
    await log.write(2);
  });

  it("is found nowhere when there was none", async () => {
    expect(await log.verify()).toMatchObject({ chains: 2, links: 19, anchors: 3, foreignAnchors: 0, unanchored: [], findings: [] });
  });

  it.each(["action = 'patient.upload'", "actor_user_id = gen_random_uuid()", "at = at + interval '1 microsecond'", "patient_id = gen_random_uuid()", "outcome = 'refused'", "purpose = null", "organization_id = null"])(
    "is found as an edit: %s", async (change) => {
      await tamper(log, `update audit_log set ${change} where id = ${at(log, 5)}`);
      const { findings } = await log.verify();
      expect(findings).toMatchObject([{ kind: "edit", chain: log.organizationId, seq: 5 }]);
      expect(findings[0]!.entryId).toMatch(/^\d+$/);
    });

  it("is found as a deletion, of an entry alone and with its link", async () => {
    await tamper(log, `delete from audit_log where id = ${at(log, 5)}`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "delete", seq: 5, detail: "the entry is gone" }]);
    await tamper(log, `delete from audit_links where chain = '${log.organizationId}' and seq in (5, 6)`);
    const { findings } = await log.verify();
    // Of entry 6 the link alone went.
    expect(findings.map(({ kind, seq }) => [kind, seq])).toEqual([["insert", null], ["delete", 5]]);
  });

  it("is found as an insertion, unlinked and linked beyond the end", async () => {
    const entry = `insert into audit_log (organization_id, action) values ('${log.organizationId}', 'patient.view')`;
    await tamper(log, entry);
    expect((await log.verify()).findings).toMatchObject([{ kind: "insert", chain: log.organizationId, seq: null, detail: "the entry was never linked" }]);
    await tamper(log, `insert into audit_links (chain, seq, entry_id, hash) select '${log.organizationId}', 19, max(id), sha256('x') from audit_log`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "insert", seq: 19 }]);
  });

  it("is found as a swap where two entries say what the other said", async () => {
    const all = ENTRY_FIELDS.filter((name) => name !== "id");
    await tamper(log, `update audit_log a set (${all.join(", ")}) = (select ${all.map((name) => `b.${name}`).join(", ")} from audit_log b where b.id <> a.id and b.id in (${at(log, 4)}, ${at(log, 9)}))
      where a.id in (${at(log, 4)}, ${at(log, 9)})`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "swap", seq: 4 }]);
  });

  it("is found as a swap where two links lead to one another's entries", async () => {
    const chain = `chain = '${log.organizationId}'`;
    await tamper(log, `update audit_links set entry_id = -entry_id where ${chain} and seq in (4, 9)`,
      `update audit_links a set entry_id = -b.entry_id from audit_links b where a.${chain} and b.${chain} and a.seq in (4, 9) and b.seq = 13 - a.seq`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "swap", seq: 4 }]);
  });

  it("is found as a cut of the end, with the head left behind and with the head drawn back", async () => {
    const chain = `chain = '${log.organizationId}'`;
    await tamper(log, `delete from audit_log where id in (select entry_id from audit_links where ${chain} and seq > 14)`, `delete from audit_links where ${chain} and seq > 14`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "tail_cut", seq: 15 }]);
    await tamper(log, `update audit_heads h set seq = 14, hash = (select hash from audit_links k where k.${chain} and k.seq = 14) where ${chain}`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "tail_cut", seq: 15, detail: "the chain ends at 14 and reached 16" }]);
  });

  it("is found as a cut where a whole chain is gone", async () => {
    await tamper(log, `delete from audit_log where organization_id = '${log.organizationId}'`, `delete from audit_links where chain = '${log.organizationId}'`, `delete from audit_heads where chain = '${log.organizationId}'`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "tail_cut", chain: log.organizationId, detail: "the chain ends at 0 and reached 16" }]);
  });

  it("is found as a rewrite where the whole chain was made anew and fits together", async () => {
    await tamper(log, `update audit_log set patient_id = null, action = 'nothing.done' where id = ${at(log, 3)}`, relink(log.organizationId));
    const { findings } = await log.verify();
    expect(findings).toMatchObject([{ kind: "rewrite", chain: log.organizationId, seq: 12 }]);
    // Without the anchors it would fit: they are what shows it.
    expect(kinds(await verifyAuditLog({ database: log.db.database, keys, anchors: [] }))).toEqual([]);
  });

  it("is found as a rewrite from the middle on, by the last anchor that still fits", async () => {
    await tamper(log, `delete from audit_log where id = ${at(log, 14)}`, relink(log.organizationId));
    await log.write(3);
    expect((await log.verify()).findings).toMatchObject([{ kind: "rewrite", seq: 16, detail: "is not what was anchored; the last anchor that fits is of 12" }]);
  });

  it("is found where an anchor was made to fit without the key, and a line that a crash cut off is none", async () => {
    const [line] = (await readFile(log.file, "utf8")).split("\n").filter((text) => text.includes(log.organizationId));
    await appendFile(log.file, `${line!.replace(/"hash":"[0-9a-f]{4}/, '"hash":"0000')}\n${line!.slice(0, 40)}`);
    expect((await log.verify()).findings).toMatchObject([{ kind: "seal", seq: 12 }]);
    await writeFile(log.file, anchorLine(auditKeys("the secret of another time, long enough"), { chain: log.organizationId, seq: 3, hash: Buffer.alloc(32) }, clock.now()));
    expect(await log.verify()).toMatchObject({ anchors: 0, foreignAnchors: 1, findings: [], unanchored: [log.organizationId, NO_ORGANIZATION].toSorted() });
  });

  it("before an instant is not looked for when one asks since then", async () => {
    await tamper(log, `update audit_log set action = 'x.edited' where id = ${at(log, 5)}`);
    const [later] = await log.db.asOwner<{ ms: string }>(`select (extract(epoch from at) * 1000)::text as ms from audit_log where id = ${at(log, 9)}`);
    const result = await log.verify({ sinceMs: Number(later!.ms) - 0.001 });
    expect(result.findings).toEqual([]);
    expect(result.links).toBeLessThan(12);
    expect(result.links).toBeGreaterThanOrEqual(10);
  });
});

/** Makes a chain anew over the entries that there are, as a thief with the owner's rights would. */
function relink(chain: string): string {
  return `do $$ declare e audit_log; n bigint := 0; h bytea := audit_genesis('${chain}'); begin
    delete from audit_links where chain = '${chain}';
    for e in select * from audit_log where organization_id = '${chain}' order by id loop
      n := n + 1; h := sha256(h || convert_to(audit_text(e), 'UTF8'));
      insert into audit_links (chain, seq, entry_id, hash) values ('${chain}', n, e.id, h);
    end loop;
    update audit_heads set seq = n, hash = h where chain = '${chain}';
  end $$`;
}

describe("anchoring", () => {
  it("writes a line for each chain that has moved, goes on after a restart, and tells no more than place and hash", async () => {
    const log = await openLog("anchoring");
    const lines = async () => (await readFile(log.file, "utf8")).split("\n").filter(Boolean);
    expect(await log.anchor()).toBe(0);
    await log.write(1);
    expect(await log.anchor()).toBe(1);
    expect(await log.anchor()).toBe(0);
    await log.write(1);
    const again = createAnchoring({ database: log.db.database, clock, log: silentLog, keys, file: log.file });
    expect(await again()).toBe(1);
    expect(Object.keys(JSON.parse((await lines())[1]!) as object)).toEqual(["chain", "seq", "hash", "at", "key", "mac"]);
    expect(await lines()).toHaveLength(2);
  });
});

describe("retention of the audit log", () => {
  const YEAR = 366;

  async function aged(name: string): Promise<Log> {
    const log = await openLog(name);
    await log.write(10);
    // Its first six are of eight years ago, linked as such.
    await tamper(log, `update audit_log set at = at - interval '8 years' where id in (select entry_id from audit_links where seq <= 6 and chain = '${log.organizationId}')`, relink(log.organizationId));
    await log.anchor();
    return log;
  }

  it("takes what is too old from the beginning, leaves a sealed stub, and the rest still verifies", async () => {
    const log = await aged("retention");
    expect(await pruneAuditLog(log.db.database, keys, { nowMs: Date.now(), keepDays: 7 * YEAR })).toBe(6);
    expect(await log.db.asOwner("select through_seq, entries from audit_prunings")).toEqual([{ through_seq: "6", entries: "6" }]);
    await log.write(1);
    expect(await log.verify()).toMatchObject({ links: 5, findings: [] });
    expect(await pruneAuditLog(log.db.database, keys, { nowMs: Date.now(), keepDays: 7 * YEAR })).toBe(0);
  });

  it("is no way to cut: a stub without our MAC, a cut without a stub and what is younger than a year are found or refused [PR-07]", async () => {
    const log = await aged("cut");
    const prune = (before: string, upTo: number) => log.db.database.asSystem((tx) =>
      tx.query(`select prune_audit($1, ${upTo}, $2, sha256('no key'), ${before})`, [log.organizationId, stub.get(upTo)]));
    const stub = new Map((await log.db.asOwner<{ seq: string; hash: Buffer }>("select seq, hash from audit_links")).map(({ seq, hash }) => [Number(seq), hash]));
    await expect(prune("now()", 10)).rejects.toThrow(/keeps a year/);
    await expect(prune("now() - interval '2 years'", 8)).rejects.toThrow(/is younger/);
    await prune("now() - interval '2 years'", 3);
    expect((await log.verify()).findings).toMatchObject([{ kind: "seal", seq: 3 }]);
    await tamper(log, "delete from audit_prunings");
    expect(kinds(await log.verify())).toContain("delete");
  });
});
