/** The decisions of docs/protection.md and its neighbours are those of the code. */
import { describe, expect, it } from "vitest";
import { UPLOAD_TYPES } from "#uploads/types.ts";
import { code, filesWith, list, read, server } from "./files.ts";

const PROTECTION = read("docs/protection.md");

function section(heading: string, document = PROTECTION): string {
  const text = document.split(`## ${heading}\n`)[1];
  if (text === undefined) throw new Error(`There is no heading "${heading}".`);
  return text.split("\n## ")[0]!;
}
const rows = (heading: string, document = PROTECTION): string[][] =>
  section(heading, document).split("\n").filter((line) => /^\| (?!---)/.test(line)).slice(1).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
const settings = (): string => read(".env.example");

describe("docs/protection.md", () => {
  it("says of input what is valid, alone and together [ASVS 2.1.1, 2.1.2]", () => {
    const items = rows("What comes in");
    expect(items.map(([item]) => item)).toEqual(expect.arrayContaining(["e-mail", "username", "national id", "password", "times", "measured values", "web addresses", "files"]));
    expect(section("What comes in")).toContain("Together:");
    const metrics = read("src/units/metrics.ts");
    expect(metrics).toMatch(/min:/);
    expect(settings()).toContain("# ISLET_NATIONAL_ID_PATTERN=");
  });

  it("says how much of everything, by settings that there are [ASVS 2.1.3, 15.1.3]", () => {
    const limits = rows("How much");
    expect(limits.length).toBeGreaterThan(12);
    for (const [name] of limits.map((cells) => cells.join(" ")).join(" ").matchAll(/ISLET_[A-Z_]+/g)) expect(settings(), name).toContain(`# ${name}=`);
    expect(section("How much")).toMatch(/jobs with progress/);
  });

  it("says how guessing is slowed, and how nobody is locked out by strangers [ASVS 6.1.1]", () => {
    const people = read("docs/people.md");
    expect(rows("Guessing", people).length).toBeGreaterThan(3);
    expect(section("Guessing", people)).toMatch(/do not shut its owner out/);
  });

  it("lists the words that no password may consist of, as the code has them [ASVS 6.1.2]", () => {
    const words = [.../OUR_WORDS = \[([^\]]+)\]/.exec(read("src/people/sign-in/password-rules.ts"))![1]!.matchAll(/"(\w+)"/g)].map(([, word]) => word!);
    expect(words.length).toBeGreaterThan(2);
    for (const word of words) expect(section("Ways to sign in"), word).toContain(`\`${word}\``);
  });

  it("lists every way in, and the server opens sessions by no other [ASVS 6.1.3, 6.3.4]", () => {
    expect(rows("Ways to sign in")).toHaveLength(7);
    expect(filesWith(server, /sessions\.open\(/)).toEqual(["src/api/outside-sign-in.ts", "src/api/second-step.ts", "src/api/session.ts", "src/api/tokens.ts"]);
  });

  it("says how long sessions last and why, how many there may be, and what providers' sessions mean for ours [ASVS 7.1.1, 7.1.2, 7.1.3]", () => {
    expect(section("Ways to sign in")).toMatch(/NIST SP 800-63B/);
    expect(section("How much")).toMatch(/sessions of one person \| not limited/);
    expect(section("Ways to sign in")).toMatch(/outside provider the session is its own/);
    for (const [setting, value] of [["ISLET_SESSION_HOURS", "12"], ["ISLET_IDLE_MINUTES", "30"], ["ISLET_STAFF_IDLE_MINUTES", "15"]] as const) {
      expect(settings()).toContain(`# ${setting}=${value}`);
      expect(section("Ways to sign in")).toContain(value);
    }
  });

  it("says who may do what to which data and which field [ASVS 8.1.1, 8.1.2]", () => {
    expect(read("docs/decisions/008-two-walls.md").length).toBeGreaterThan(1_000);
    for (const field of ["roles", "e-mail", "password", "blocked", "locale"]) expect(section("Who may change which field")).toContain(field);
    expect(read("docs/database-roles.md")).toContain("| `users` |");
  });

  it("names everybody whom Islet speaks with: each place that opens a connection is in its table [ASVS 13.1.1, 13.2.4]", () => {
    const speaks = filesWith(server, /from "(?:undici|node:tls|node:https?|node:dgram|nodemailer|pg|pg-boss|ioredis|bullmq|openid-client|@opentelemetry\/exporter-trace-otlp-http)"|import\("(?:undici|pg|nodemailer|ioredis|bullmq|@opentelemetry\/[\w-]+)"\)|\bconnect\(\{? ?(?:host|port)/);
    expect(speaks.length).toBeGreaterThan(8);
    const table = rows("Whom Islet speaks with").map((cells) => cells.join(" ")).join(" ");
    expect(speaks.filter((file) => !table.includes(`\`${file.split("/").slice(0, 2).join("/")}\``))).toEqual([]);
    for (const [name] of table.matchAll(/ISLET_[A-Z_]+|DATABASE_URL|REDIS_URL|OTEL_\w+/g)) expect(settings(), name).toContain(`# ${name}=`);
  });

  it("puts each table of the database into one class, and says of each class how it rests, is logged and ends [ASVS 14.1.1, 14.1.2]", () => {
    const tables = [...read("docs/database-roles.md").matchAll(/^\| `(\w+)` \| [^|]+\| [^|]+\| [^|]+\| /gm)].map(([, name]) => name!);
    expect(tables.length).toBeGreaterThan(60);
    const classes = rows("How sensitive");
    expect(classes.map(([name]) => name)).toEqual(["secret", "health", "identity", "proof", "working"]);
    const classed = classes.flatMap((cells) => [...cells[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    expect(classed.toSorted()).toEqual(tables.toSorted());
    for (const cells of classes) expect(cells.every((cell) => cell !== ""), cells[0]).toBe(true);
  });

  it("lists every log, and every kind of act that is audited [ASVS 16.1.1]", () => {
    expect(rows("What is logged").map(([name]) => name)).toEqual(expect.arrayContaining(["audit log", "process log"]));
    const nouns = new Set(server.flatMap((file) => [...code(file).matchAll(/action: "([a-z_]+)\.[a-z_]+"/g)].map(([, noun]) => noun!)));
    expect(nouns.size).toBeGreaterThan(20);
    expect([...nouns].filter((noun) => !section("What is logged").includes(`\`${noun}\``))).toEqual([]);
  });

  it("and the process writes to no other log [ASVS 16.2.3]", () => {
    expect(filesWith(server, /\bpino\(/)).toEqual(["src/log.ts"]);
    expect(filesWith(server, /console\.(log|warn|error|info)\(/).filter((file) => !file.startsWith("src/cli/") && file !== "src/main.ts")).toEqual([]);
    expect(read(".oxlintrc.json")).toContain('"no-console": "error"');
  });

  it("says by when a component with a weakness is mended [ASVS 15.1.1]", () => {
    const times = rows("By when components are mended");
    expect(times.map(([severity]) => severity!.split(" ")[0])).toEqual(["critical", "high", "medium,", "no"]);
    expect(section("By when components are mended")).toMatch(/npm audit/);
  });
});

describe("docs/uploads.md", () => {
  it("says of each upload which types, endings and sizes, also unpacked, and what becomes of a bad one [ASVS 5.1.1]", () => {
    const text = read("docs/uploads.md");
    for (const { extensions } of Object.values(UPLOAD_TYPES)) for (const ending of extensions) expect(section("What is taken", text)).toContain(`\`.${ending}\``);
    for (const [setting] of section("What is taken", text).matchAll(/ISLET_[A-Z_]+/g)) expect(settings()).toContain(`# ${setting}=`);
    const codes = new Set([...list("src/uploads/*.ts"), ...list("src/uploads/pdf/*.ts")].filter((file) => server.includes(file)).flatMap((file) => [...code(file).matchAll(/"((?:file|image|pdf)_[a-z_]+)"/g)].map(([, name]) => name!)));
    expect(codes.size).toBeGreaterThan(6);
    for (const refusal of codes) expect(text, refusal).toContain(`\`${refusal}\``);
  });
});

describe("settings", () => {
  it("hold no secret of ours, and no secret has a default [ASVS 13.2.3]", () => {
    const secrets = settings().split("\n").filter((line) => /^# [A-Z_]*(SECRET|KEY|TOKEN|PASSWORD)[A-Z_]*=/.test(line) && !/_(LIMIT|CONCURRENCY|TRIES)=/.test(line));
    expect(secrets.length).toBeGreaterThan(5);
    expect(secrets.filter((line) => !line.endsWith("="))).toEqual([]);
    const suspicious = [...server, ...list("scripts/*.ts"), ...list("migrations/*.sql")].filter((file) => /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bsk_live_/.test(read(file)));
    expect(suspicious).toEqual([]);
  });
});
