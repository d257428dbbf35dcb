import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataFolder, readSecrets } from "./data-folder.ts";
import { ConfigError } from "./errors.ts";

let root: string;
let count = 0;
const fresh = (): string => join(root, `data-${(count += 1)}`);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "islet-folder-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function refusal(path: string): Promise<string> {
  const error = await openDataFolder(path).then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  const { message } = error as ConfigError;
  expect(message.split("\n")).toHaveLength(1);
  return message;
}

/** A process that looks like an Islet, or like something else, by its command line. */
async function withProcess(name: string, work: (pid: number) => Promise<void>): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, ["-e", "process.stdout.write('up'); setInterval(() => {}, 1e6)", name], { stdio: ["ignore", "pipe", "ignore"] });
  await once(child.stdout!, "data");
  try {
    await work(child.pid!);
  } finally {
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }
}

describe("the data folder", () => {
  it("is made on the first start with secrets that only its user may read, and keeps them", async () => {
    const path = join(fresh(), "deep", "er");
    const folder = await openDataFolder(path);
    expect((await stat(join(path, "secrets.json"))).mode & 0o777).toBe(0o600);
    expect(folder.secrets.vaultKeys).toMatch(/^k1:[0-9a-f]{64}$/);
    expect(folder.secrets.sessionSecret.length).toBeGreaterThanOrEqual(32);
    expect(folder.secrets.demoPassword).toMatch(/^demo-[0-9a-f]{8}-[0-9a-f]{8}$/);
    expect(new Set(Object.values(folder.secrets)).size).toBe(6);
    expect((await readdir(path)).toSorted()).toEqual(["islet.pid", "secrets.json", "version.json"]);
    await folder.release();
    expect((await readdir(path)).toSorted()).toEqual(["secrets.json", "version.json"]);
    const again = await openDataFolder(path);
    expect(again.secrets).toEqual(folder.secrets);
    expect(await readSecrets(path)).toEqual(folder.secrets);
    await again.release();
    const other = await openDataFolder(fresh());
    expect(other.secrets.vaultKeys).not.toBe(folder.secrets.vaultKeys);
    await other.release();
  });

  it("has no secrets to tell before there are any", async () => {
    expect(await readSecrets(fresh())).toBeNull();
  });

  it("of a newer version, or of a version that cannot be read, is refused and left alone", async () => {
    for (const text of ['{"dataVersion": 2}', '{"dataVersion": 1000}', "{}", "", "broken"]) {
      const path = fresh();
      await mkdir(path);
      await writeFile(join(path, "version.json"), text);
      expect(await refusal(path), text).toMatch(/was written by a newer version of Islet .* choose another folder with ISLET_DATA_DIR\.$/);
      expect(await readdir(path)).toEqual(["version.json"]);
    }
  });

  it("with damaged secrets is refused, without repeating them, and given free again", async () => {
    const whole = await openDataFolder(fresh());
    await whole.release();
    const damaged = ["", "{", "null", "[]", "{}", '"text"', JSON.stringify({ ...whole.secrets, sessionSecret: "" }), JSON.stringify({ ...whole.secrets, vaultKeys: 7 }), JSON.stringify(whole.secrets).slice(0, -10)];
    for (const text of damaged) {
      const path = fresh();
      await mkdir(path);
      await writeFile(join(path, "secrets.json"), text);
      const message = await refusal(path);
      expect(message).toMatch(/^The file secrets\.json in .* is damaged: restore it from a backup/);
      for (const secret of Object.values(whole.secrets)) expect(message).not.toContain(secret);
      expect(await readdir(path)).not.toContain("islet.pid");
      expect(await readFile(join(path, "secrets.json"), "utf8")).toBe(text);
    }
  });

  it("is not shared with another Islet, whether server or command", async () => {
    for (const name of ["/srv/islet/src/main.ts", "src/cli.ts"]) {
      await withProcess(name, async (pid) => {
        const path = fresh();
        await mkdir(path);
        await writeFile(join(path, "islet.pid"), `${pid}\n`);
        expect(await refusal(path)).toBe(`The data folder ${path} is in use by another Islet (process ${pid}): stop that one, or choose another folder with ISLET_DATA_DIR.`);
        expect(await readFile(join(path, "islet.pid"), "utf8")).toBe(`${pid}\n`);
      });
    }
  });

  it("is taken from a process that is gone, is no Islet, or never was one", async () => {
    const take = async (holder: string): Promise<void> => {
      const path = fresh();
      await mkdir(path);
      await writeFile(join(path, "islet.pid"), holder);
      const folder = await openDataFolder(path);
      expect(await readFile(join(path, "islet.pid"), "utf8")).toBe(`${process.pid}\n`);
      await folder.release();
    };
    let gone = 0;
    await withProcess("main.ts", async (pid) => void (gone = pid));
    await take(`${gone}\n`);
    await withProcess("something-else", (pid) => take(`${pid}\n`));
    for (const holder of ["", "not a number", "-1", "0"]) await take(holder);
  });

  it("goes to one of many that start at the same moment", async () => {
    const path = fresh();
    const script = `import { openDataFolder } from ${JSON.stringify(new URL("./data-folder.ts", import.meta.url).href)};
      try { await openDataFolder(process.argv[1]); console.log("taken"); process.stdin.on("data", () => process.exit(0)); } catch (error) { console.log("refused"); }`;
    const children = Array.from({ length: 5 }, () => spawn(process.execPath, ["--input-type=module", "-e", script, path, "main.ts"], { stdio: ["pipe", "pipe", "ignore"] }));
    const words = await Promise.all(children.map(async (child) => String((await once(child.stdout, "data"))[0]).trim()));
    expect(words.toSorted()).toEqual(["refused", "refused", "refused", "refused", "taken"]);
    for (const child of children) {
      if (child.exitCode !== null) continue;
      const exit = once(child, "exit");
      child.stdin.end("stop");
      await exit;
    }
  });

  it("that cannot be made or written is refused with what to do", async () => {
    const file = join(root, "a-file");
    await writeFile(file, "");
    expect(await refusal(file)).toMatch(/cannot be used \(EEXIST\): choose another with ISLET_DATA_DIR/);
    expect(await refusal(join(file, "below"))).toMatch(/cannot be used \(ENOTDIR\)/);
    const path = fresh();
    await mkdir(join(path, "version.json"), { recursive: true });
    expect(await refusal(path)).toMatch(/cannot be used \(EISDIR\)/);
    if (process.getuid?.() !== 0) {
      const locked = fresh();
      await mkdir(locked);
      await chmod(locked, 0o500);
      expect(await refusal(locked)).toMatch(/cannot be used \(EACCES\)/);
    }
  });
});
