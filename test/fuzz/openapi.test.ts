/**
 * Every operation of the API with 200 requests made from its own document, as a patient, a clinician, an admin or nobody: no error of ours, no status that the document
 * does not name, no reply outside of its schema (faults §4.5, DA-01, AU-15, AU-24). `FUZZ_CASES` and `FUZZ_SEED` change how many and which.
 */
import { createHash } from "node:crypto";
import { stringify } from "node:querystring";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "#people/accounts/accounts.ts";
import { CALLS, requestOf, restore, seed, type Ids } from "#test/api/calls.ts";
import { startTestApp, TEST_PASSWORD, type Person, type TestApp } from "#test/kit/app.ts";
import { seeded } from "#test/kit/random.ts";
import { broken, fitting, NASTY_TEXTS, pick, type Chance, type Parameter, type Schema } from "./openapi-cases.ts";

/** Told of each operation; the rest is mostly the same once more. */
const MOST_TOLD = 3;
const CASES = Number(process.env["FUZZ_CASES"] ?? 200);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_121);

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

let test: TestApp;
let ids: Ids;
let document: Document;
let ajv: Ajv2020;
let people: Record<"patient" | "clinician" | "admin", Person>;

beforeAll(async () => {
  test = await startTestApp({ env: { ISLET_METRICS_TOKEN: "the-operators-own-token" } });
  ids = await seed(test);
  document = (await test.request({ method: "GET", url: "/openapi.json" })).json<Document>();
  ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...document, $id: "islet" });
  const email = "admin@fuzz.example";
  const { userId, patientId } = await createUser(test.db.database, { organizationId: test.people.organizationId, email, password: TEST_PASSWORD, displayName: "Admin", roles: ["admin"], zone: "UTC" });
  people = { patient: test.people.patient, clinician: test.people.clinician, admin: { email, userId, patientId, token: await test.signIn(email) } };
});
afterAll(() => test.close());

interface Target {
  readonly name: string;
  readonly method: NonNullable<InjectOptions["method"]>;
  readonly path: string;
  readonly operation: Operation;
}

const targets = (): Target[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ name: `${method} ${path}`, method: method.toUpperCase() as "GET", path, operation })));

/** One request of a target. */
function caseOf(target: Target, chance: Chance): Omit<InjectOptions, "url"> & { readonly url: string } {
  const base = requestOf(target, pick(chance, ["me", test.people.patient.patientId!]), ids);
  const [path = "", query = ""] = base.url.split("?");
  return {
    method: target.method, url: withPath(target, path, chance) + withQuery(target.operation, query, chance), ...withBody(target, base, chance),
    remoteAddress: `10.${Math.floor(chance() * 250)}.${Math.floor(chance() * 250)}.1`,
  };
}

function withPath(target: Target, path: string, chance: Chance): string {
  if (chance() < 0.75 || !target.path.includes("{")) return path;
  const parts = target.path.split("/");
  const names = parts.flatMap((part, index) => (part.startsWith("{") ? [index] : []));
  const filled = path.split("/");
  filled[pick(chance, names)] = encodeURIComponent(pick(chance, NASTY_TEXTS).toWellFormed().slice(0, 300));
  return filled.join("/");
}

function withQuery({ parameters = [] }: Operation, given: string, chance: Chance): string {
  const known = parameters.filter((each) => each.in === "query");
  if (known.length === 0 && chance() < 0.8) return given === "" ? "" : `?${given}`;
  const values: Record<string, string | string[]> = {};
  for (const { name, schema, required } of known) {
    if (!required && chance() < 0.5) continue;
    const value = chance() < 0.6 ? fitting(schema, document.components.schemas, chance) : pick(chance, NASTY_TEXTS);
    values[name] = chance() < 0.05 ? [textOf(value), textOf(value)] : textOf(value);
  }
  if (chance() < 0.1) values[pick(chance, ["role", "admin", "limit", "$where", "a[b]"])] = pick(chance, NASTY_TEXTS).toWellFormed();
  return `?${chance() < 0.4 && given !== "" ? `${given}&` : ""}${stringify(values)}`;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? "")).toWellFormed();

function withBody(target: Target, base: InjectOptions, chance: Chance): Pick<InjectOptions, "payload" | "headers"> {
  const content = target.operation.requestBody?.content;
  const headers = (base.headers ?? {}) as Record<string, string>;
  if (!content) {
    const isStray = chance() < 0.1 && target.method !== "GET" && base.payload === undefined;
    return isStray ? { payload: JSON.stringify({ role: "admin" }), headers: { "content-type": "application/json" } } : { ...(base.payload === undefined ? {} : { payload: base.payload }), headers };
  }
  const schema = content["application/json"]?.schema ?? {};
  const way = chance();
  if (way < 0.15 && base.payload !== undefined) return { payload: base.payload, headers };
  if (way < 0.2) return { payload: pick(chance, ["", "{", "[1,", "\u0000", "{\"a\":1,\"a\":2}", "\"x\"", "null", `${"[".repeat(3_000)}${"]".repeat(3_000)}`]), headers: { ...headers, "content-type": "application/json" } };
  if (way < 0.25) return { payload: "a=b", headers: { ...headers, "content-type": pick(chance, ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "application/json; charset=utf-7"]) } };
  const value = way < 0.5 ? fitting(schema, document.components.schemas, chance) : broken(chance() < 0.5 && base.payload !== undefined ? base.payload : fitting(schema, document.components.schemas, chance), chance);
  return { payload: JSON.stringify(value) ?? "", headers: { ...headers, "content-type": "application/json" } };
}

/** What is wrong with an answer; null where nothing is. */
function wrongWith({ operation, name }: Target, answer: LightMyRequestResponse): string | null {
  const { statusCode } = answer;
  if (statusCode >= 500) return `${statusCode}: ${answer.body.slice(0, 300)}`;
  const declared = operation.responses[String(statusCode)];
  // Answered before a route is found, or before its own schema counts: an address or body that nothing can read.
  if (!declared) return statusCode === 404 || statusCode === 405 || statusCode === 413 || statusCode === 414 || statusCode === 415 ? beforeRoutes(answer) : `${statusCode} is not in the document: ${answer.body.slice(0, 200)}`;
  const type = (answer.headers["content-type"] ?? "").split(";")[0]!;
  const schema = declared.content?.[type]?.schema;
  if (statusCode === 204 || statusCode === 302 || statusCode === 304) return answer.body === "" ? null : `${statusCode} with a body`;
  if (!declared.content?.[type]) return answer.body === "" && !declared.content ? null : `${statusCode} as ${type} is not in the document`;
  // Lines of JSON and files are texts to the document.
  if (!schema || !/^application\/(?:problem\+)?json$/.test(type)) return null;
  const pointer = `islet#/paths/${escaped(name.split(" ")[1]!)}/${name.split(" ")[0]!}/responses/${statusCode}/content/${escaped(type)}/schema`;
  const check = ajv.getSchema(pointer);
  if (!check) return `no schema at ${pointer}`;
  return check(JSON.parse(answer.body)) ? null : `${statusCode} outside of its schema: ${ajv.errorsText(check.errors).slice(0, 300)}`;
}

const escaped = (text: string): string => encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));

function beforeRoutes(answer: LightMyRequestResponse): string | null {
  const isProblem = String(answer.headers["content-type"]).startsWith("application/problem+json");
  return isProblem && answer.json<{ status: number }>().status === answer.statusCode ? null : `${answer.statusCode} is no problem: ${answer.body.slice(0, 200)}`;
}

/** Whoever lost the session to a case signs in again: the rest must not all be 401. */
async function send(request: InjectOptions, who: keyof typeof people | "nobody"): Promise<LightMyRequestResponse> {
  if (who === "nobody") return test.request(request);
  const answer = await test.request({ ...request, as: people[who] });
  if (answer.statusCode === 401 && (await test.request({ as: people[who], method: "GET", url: "/api/v1/me" })).statusCode === 401) people[who] = { ...people[who], token: await test.signIn(people[who].email) };
  return answer;
}

describe("what is held against an answer", () => {
  const answer = (statusCode: number, body: string, type = "application/json"): LightMyRequestResponse =>
    ({ statusCode, body, headers: { "content-type": type }, json: () => JSON.parse(body) as unknown }) as unknown as LightMyRequestResponse;
  const me = (): Target => targets().find(({ name }) => name === "get /api/v1/me")!;

  it("finds an error of ours, a status and a type that the document does not name, and a reply outside of its schema", async () => {
    const good = await test.request({ as: people.patient, method: "GET", url: "/api/v1/me" });
    expect(wrongWith(me(), good)).toBeNull();
    expect(wrongWith(me(), answer(500, "{}"))).toMatch(/^500/);
    expect(wrongWith(me(), answer(418, "{}"))).toMatch(/not in the document/);
    expect(wrongWith(me(), answer(200, "hello", "text/plain"))).toMatch(/not in the document/);
    expect(wrongWith(me(), answer(200, "{}"))).toMatch(/outside of its schema/);
    expect(wrongWith(me(), answer(200, JSON.stringify({ ...good.json<object>(), passwordHash: "x" })))).toMatch(/outside of its schema/);
    expect(wrongWith(me(), answer(404, "<html>", "text/html"))).toMatch(/not in the document|no problem/);
  });
});

describe("every operation", () => {
  it(`[DA-01] [AU-15] [AU-24] answers ${CASES} requests made from its document as its document says`, async () => {
    const wrong: string[] = [];
    const answered: Record<string, number> = {};
    let requests = 0;
    // A stream never ends.
    for (const target of targets().filter(({ path }) => !path.endsWith("/live"))) {
      const chance = seeded(SEED ^ createHash("sha256").update(target.name).digest().readInt32LE());
      const wrongHere: string[] = [];
      const actor = { admin: "admin", clinician: "clinician" }[CALLS[target.name]!.who as string] as keyof typeof people | undefined;
      for (let index = 0; index < CASES; index += 1) {
        if (index % 20 === 0) await restore(test, ids);
        const request = caseOf(target, chance);
        const who = chance() < 0.05 ? "nobody" : chance() < 0.1 ? "clinician" : (actor ?? "patient");
        const answer = await send(request, who);
        const problem = wrongWith(target, answer);
        requests += 1;
        const kind = `${Math.floor(answer.statusCode / 100)}xx`;
        answered[kind] = (answered[kind] ?? 0) + 1;
        if (problem !== null && wrongHere.length < MOST_TOLD) wrongHere.push(`${target.name} #${index} as ${who}: ${problem}\n    ${request.url.slice(0, 300)} ${JSON.stringify(request.payload ?? "").slice(0, 300)}`);
      }
      wrong.push(...wrongHere);
    }
    process.stdout.write(`fuzz: ${requests} requests, seed ${SEED}, answers ${JSON.stringify(answered)}\n`);
    expect(wrong).toEqual([]);
    // Requests that all were refused would prove little.
    expect(answered["2xx"]).toBeGreaterThan(requests / 10);
    expect(await test.db.asOwner("select 1 from users where 'admin' = any(roles) and email <> 'admin@fuzz.example'")).toEqual([]);
  }, 900_000);
});
