/** Users of an older system: brought here, signed in as before, and never shut out; and `islet user`, as an operator types it. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { readImportRows } from "#people/accounts/import-rows.ts";
import { importUsers, type ImportReport } from "#people/accounts/import-users.ts";
import { startTestApp, type TestApp } from "./kit/app.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
const HEADER = "dni;name;surname;email;username;role;password_hash;blocked;hospital_account;tidepool_account";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

const csv = (...lines: string[]): Uint8Array => Buffer.from([HEADER, ...lines].join("\n"));
const bring = (bytes: Uint8Array, more: { isDryRun?: boolean } = {}): Promise<ImportReport> =>
  importUsers(test.app.api.accounts, readImportRows(bytes, "csv").rows, { organizationId: test.people.organizationId, zone: "Europe/Madrid", locale: "es", isDryRun: false, ...more });
const signIn = (identifier: string, password: string): Promise<LightMyRequestResponse> => test.request({ method: "POST", url: "/api/v1/session", payload: { identifier, password } });

describe("users of an older system [D1]", () => {
  it("sign in with their old password, whose hash never rests bare, and rest as plain argon2id from then on", async () => {
    const old = "mi contraseña de siempre 77";
    expect(await bring(csv(`12345678Z;Lucía;Ortiz;lucia@example.org;lucia;patient;${sha256(old)};false;H-1;lucia@tp`))).toEqual({ made: 1, known: 0, faults: [] });
    const stored = (): Promise<{ password_hash: string; password_scheme: string; must_change_password: boolean }[]> =>
      test.db.asOwner("select password_hash, password_scheme, must_change_password from users where username = 'lucia'");
    expect((await stored())[0]!.password_scheme).toBe("sha256+argon2id");
    expect(JSON.stringify(await test.db.asOwner("select * from users"))).not.toContain(sha256(old));
    // Whoever has stolen the old table has nothing.
    expect((await signIn("lucia", sha256(old))).statusCode).toBe(401);
    expect((await signIn("12345678-z", "wrong")).statusCode).toBe(401);
    expect((await stored())[0]!.password_scheme).toBe("sha256+argon2id");
    for (const identifier of ["12345678-z", "lucia@example.org"]) {
      const answer = await signIn(identifier, old);
      expect(answer.statusCode, identifier).toBe(200);
      expect(answer.json()).toMatchObject({ displayName: "Lucía Ortiz", roles: ["patient"], preferences: { locale: "es", zone: "Europe/Madrid" } });
      expect(answer.json()).not.toHaveProperty("mustChangePassword");
      expect(await stored()).toEqual([{ password_hash: expect.stringMatching(/^\$argon2id\$/) as string, password_scheme: "argon2id", must_change_password: false }]);
    }
  });

  it("are let in with a password that would be refused today, and asked to change it", async () => {
    await bring(csv(`00000000T;Juan;Pérez;juan@example.org;juan;admin;${sha256("1234")};no;;`));
    expect((await signIn("juan", "1234")).json()).toMatchObject({ mustChangePassword: true, roles: ["admin"] });
    expect((await signIn("juan", "1234")).json()).toMatchObject({ mustChangePassword: true });
  });

  it("stay blocked when they were, and come without a password when none is known", async () => {
    await bring(csv(`99999999R;Eva;Ruiz;eva@example.org;;patient;${sha256("x")};true;;`, "11111111H;Sin;Clave;sin@example.org;;patient;;false;;"));
    expect((await signIn("99999999R", "x")).statusCode).toBe(401);
    expect((await signIn("11111111H", "")).statusCode).toBe(400);
    expect(await test.db.asOwner("select email, blocked_at is not null as blocked, password_hash is null as bare from users where email in ('eva@example.org', 'sin@example.org') order by email")).toEqual([
      { email: "eva@example.org", blocked: true, bare: false }, { email: "sin@example.org", blocked: false, bare: true },
    ]);
  });

  it("are made once, however often the file is read, and none by a dry run", async () => {
    const file = csv(`22222222J;Una;Vez;una@example.org;una;patient;${sha256("una")};0;;`);
    expect(await bring(file, { isDryRun: true })).toEqual({ made: 1, known: 0, faults: [] });
    expect(await test.db.asOwner("select 1 from users where username = 'una'")).toEqual([]);
    expect(await bring(file)).toEqual({ made: 1, known: 0, faults: [] });
    await signIn("una", "una");
    const before = await test.db.asOwner("select * from users where username = 'una'");
    expect(await bring(file)).toEqual({ made: 0, known: 1, faults: [] });
    expect(await test.db.asOwner("select * from users where username = 'una'")).toEqual(before);
  });

  it("with something wrong are told by their line and without a value, and the others come", async () => {
    const file = csv(
      `12345678A;Wrong;Letter;a1@example.org;;patient;${sha256("a")};0;;`, `;No;Role;a2@example.org;;king;;0;;`, `;Bad;Hash;a3@example.org;;patient;deadbeef;0;;`, ";No;Name;;;patient;;0;;",
      `;Good;One;a5@example.org;;patient;${sha256("a")};0;;`, `;Same;Mail;A5@example.org;;patient;;0;;`, ";Maybe;Blocked;a7@example.org;;patient;;perhaps;;", ";Bad;Mail;a8@example;;patient;;0;;",
      `33333333P;Taken;Mail;${test.people.patient.email};;patient;;0;;`,
    );
    const { rows, faults } = readImportRows(file, "csv");
    const report = await importUsers(test.app.api.accounts, rows, { organizationId: test.people.organizationId, zone: "UTC", locale: "en", isDryRun: false });
    const all = [...faults, ...report.faults].toSorted((a, b) => a.line - b.line);
    expect(report.made).toBe(1);
    expect(all.map(({ line }) => line)).toEqual([2, 3, 4, 5, 7, 8, 9, 10]);
    expect(JSON.stringify(all)).not.toMatch(/example|deadbeef|12345678|king|perhaps/);
  });

  it("are read from JSON as well, and what is neither is refused without being repeated", () => {
    const json = Buffer.from(JSON.stringify([{ DNI: "12345678Z", Nombre: "Ana", apellidos: "Gil", rol: "paciente", bloqueado: true, passwordHash: sha256("x").toUpperCase() }]));
    expect(readImportRows(json, "json")).toMatchObject({ faults: [], rows: [{ line: 1, nationalId: "12345678Z", givenName: "Ana", familyName: "Gil", role: "patient", isBlocked: true }] });
    for (const [bytes, format] of [[Buffer.from("canary"), "json"], [Buffer.from('{"a":"canary"}'), "json"], [Buffer.from('a,b\n"canary'), "csv"], [Buffer.from([0xff, 0xfe, 0x41]), "csv"]] as const) {
      expect(() => readImportRows(bytes, format)).toThrow(expect.objectContaining({ code: "invalid_input", message: expect.not.stringContaining("canary") as string }) as Error);
    }
  });
});

describe("islet user", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "islet-user-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const islet = (args: readonly string[], input = ""): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [join(ROOT, "src/cli.ts"), "user", ...args], {
        cwd: folder,
        env: {
          PATH: process.env["PATH"], DATABASE_URL: test.db.appUrl, DATABASE_OWNER_URL: test.db.ownerUrl, ISLET_DEMO: "off", ISLET_DATA_DIR: folder, ISLET_VAULT_KEYS: `k1:${"ab".repeat(32)}`,
          ISLET_SESSION_SECRET: "a secret of at least thirty-two characters",
        },
      });
      let [out, err] = ["", ""];
      child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
      child.stderr.on("data", (bytes: Buffer) => (err += bytes.toString()));
      child.on("close", (code) => resolve({ code, out, err }));
      child.stdin.end(input);
    });

  it("makes the first admin of a new organization, blocks, lists, resets and imports", async () => {
    const added = await islet(["add", "First Admin", "--new-organization", "New clinic", "--email", "first@example.org", "--role", "admin"]);
    expect(added.code, added.err).toBe(0);
    const [id = "", line = ""] = added.out.split("\n");
    const password = line.split(": ")[1]!;
    expect((await signIn("first@example.org", password)).json()).toMatchObject({ userId: id, roles: ["admin"], organization: { name: "New clinic" }, mustChangePassword: true });

    expect(await islet(["add", "Second", "--email", "second@example.org"])).toMatchObject({ code: 2, err: expect.stringContaining("--organization") as string });
    const second = await islet(["add", "Second", "--organization", "New clinic", "--username", "second", "--role", "clinician", "--password-stdin"], "a passphrase from a pipe\n");
    expect(second).toMatchObject({ code: 0, out: expect.not.stringContaining("Password") as string });
    expect((await signIn("second", "a passphrase from a pipe")).statusCode).toBe(200);

    expect((await islet(["block", "second", "--organization", "New clinic"])).code).toBe(0);
    expect((await signIn("second", "a passphrase from a pipe")).statusCode).toBe(401);
    expect((await islet(["list", "--organization", "New clinic"])).out).toMatch(/clinician +second {2}blocked\n/);
    expect(await islet(["block", "first@example.org", "--organization", "New clinic"])).toMatchObject({ code: 2, err: expect.stringContaining("last admin") as string });
    expect((await islet(["unblock", "second", "--organization", "New clinic"])).code).toBe(0);

    const reset = await islet(["reset-password", "second", "--organization", "New clinic"]);
    expect((await signIn("second", reset.out.trim().split(": ")[1]!)).json()).toMatchObject({ mustChangePassword: true });

    const file = join(folder, "users.csv");
    await writeFile(file, csv(`44444444A;Cuatro;Uno;cuatro@example.org;;patient;${sha256("cuatro")};0;;`, ";;;;;;;;;"));
    const dry = await islet(["import", file, "--dry-run", "--organization", "New clinic"]);
    expect(dry).toMatchObject({ code: 1, out: "Would make 1, there already 0, refused 1.\n", err: expect.stringMatching(/^line 3: /) as string });
    expect((await islet(["import", file, "--organization", "New clinic"])).out).toBe("Made 1, there already 0, refused 1.\n");
    expect((await signIn("44444444A", "cuatro")).statusCode).toBe(200);
  }, 120_000);
});
