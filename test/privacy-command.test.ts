/** `islet privacy` as an operator types it, as a process of its own over a real database. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "./kit/app.ts";
import { TEST_VAULT_KEYS } from "./kit/ground.ts";
import { CANARY, seedPerson } from "./kit/privacy-seed.ts";
import { runIslet } from "./kit/process.ts";
import { unzip } from "./kit/unzip.ts";

let test: TestApp;
let folder: string;
const islet = (...args: string[]) => runIslet(["privacy", ...args], {
  DATABASE_URL: test.db.appUrl, DATABASE_OWNER_URL: test.db.ownerUrl, ISLET_VAULT_KEYS: TEST_VAULT_KEYS, ISLET_SESSION_SECRET: "a secret of at least thirty-two characters", ISLET_DATA_DIR: folder, ISLET_DEMO: "off",
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "islet-privacy-command-"));
  test = await startTestApp();
  await seedPerson(test, test.people.patient);
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

describe("islet privacy", () => {
  it("writes a package for nobody but its caller to read, holds, erases with a reason, and shows the certificate [PR-01] [PR-05]", async () => {
    const who = test.people.patient.patientId!;
    const out = join(folder, "all.zip");
    const exported = await islet("export", "--patient", who, "--out", out);
    expect([exported.code, exported.stderr]).toEqual([0, ""]);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(unzip(await readFile(out)).get("profile/patient.jsonl")!.toString("utf8")).toContain(`${CANARY} patient name`);
    expect(await test.db.asOwner("select state, key_sealed from data_exports")).toEqual([{ state: "gone", key_sealed: null }]);

    expect((await islet("hold", "--patient", who, "--reason", "litigation")).code).toBe(0);
    const refused = await islet("erase", "--patient", who, "--reason", "court", "--yes");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("legal hold stands")]);
    expect((await islet("status", "--patient", who)).stdout).toMatch(/hold \S+: litigation, since \S+, stands/);
    expect((await islet("unhold", "--patient", who)).code).toBe(0);
    expect((await islet("erase", "--patient", who, "--reason", "court")).stderr).toContain("--yes");
    expect((await islet("erase", "--patient", who, "--reason", "because", "--yes")).stderr).toContain("--reason must be one of");

    expect((await islet("erase", "--patient", who, "--reason", "court", "--yes")).code).toBe(0);
    expect((await islet("undo", "--patient", who)).stdout).toMatch(/is undone/);
    const erased = await islet("erase", "--patient", who, "--reason", "court", "--yes", "--now");
    expect([erased.code, erased.stdout]).toEqual([0, expect.stringMatching(/CERTIFICATE OF ERASURE[\s\S]*patients +1\n/)]);
    expect(erased.stdout).not.toContain(CANARY);
    const [row] = await test.db.asOwner<{ id: string }>("select id from erasures where state = 'done'");
    expect((await islet("status", "--erasure", row!.id, "--lang", "es")).stdout).toContain("CERTIFICADO DE BORRADO");
    expect(await test.db.asOwner("select 1 from patients where id = $1", [who])).toEqual([]);
    expect((await readFile(join(folder, "erasures.jsonl"), "utf8")).trim().split("\n")).toHaveLength(1);
  }, 120_000);

  it("writes nothing for research where too few consent", async () => {
    const answer = await islet("research-export", "--organization", test.people.organizationId, "--project", "p", "--purpose", "x", "--out", join(folder, "research"));
    expect([answer.code, answer.stderr]).toEqual([2, expect.stringContaining("Fewer than 5 people consent")]);
  }, 60_000);
});
