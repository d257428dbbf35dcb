/** The document of the API: whole, true to the routes, and with the notice wherever glucose is. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "../../src/api/notice.ts";
import { operationsText, type OpenApiDocument } from "../../scripts/client-types.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";
import { CALLS, requestOf, seed, type Ids } from "./calls.ts";
import { give, MINUTE, NOW_MS } from "./kit.ts";

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, unknown>[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: object }[];
  readonly requestBody?: { content: Record<string, { schema: object }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
interface Document {
  readonly openapi: string;
  readonly info: Record<string, unknown>;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, unknown>; securitySchemes: Record<string, { type: string }> };
}

let test: TestApp;
let document: Document;
let ids: Ids;
beforeAll(async () => {
  test = await startTestApp();
  document = (await test.request({ method: "GET", url: "/openapi.json" })).json<Document>();
  ids = await seed(test);
  const deliveryId = await give(test, test.people.patient, {
    records: [{ record: "treatment", kind: "meter_glucose", vendorId: "m", atMs: NOW_MS - MINUTE, offsetMinutes: null, amount: 104 }], body: "glucose 110 mg/dL",
  });
  const { organizationId, patient } = test.people;
  await test.db.asOwner("insert into appointment_details (organization_id, patient_id, appointment_id, version, details, written_at) values ($1, $2, $3, 1, $4, now())", [organizationId, patient.patientId, ids.appointmentId, {
    glucoseObjective: { value: 120, unit: "mg/dL" }, insulinType: null, dose: null, fastInsulin: null, fixedDose: null, ratio: null, sensitivity: null, pumpType: null, otherTreatment: null,
  }]);
  ids = { ...ids, deliveryId };
});
afterAll(() => test.close());

const operations = (): { method: string; path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method, path, operation })));

/** Every object of the document, with where it stands. */
function* objects(value: unknown, pointer = "#"): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [pointer, value as Record<string, unknown>];
  for (const [key, child] of Object.entries(value)) yield* objects(child, `${pointer}/${key}`);
}

describe("the OpenAPI document", () => {
  it("is what the types of the pages' client are made from: run `node scripts/api-client.ts` after a change", async () => {
    expect(await readFile(new URL("../../web/client/operations.d.ts", import.meta.url), "utf8")).toBe(await operationsText(document as unknown as OpenApiDocument));
  });

  it("is of version 3.1, with who made it and under which license", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: "Islet", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" } });
    expect(String(document.info["description"])).toContain(GLUCOSE_NOTICE);
  });

  it("refers only to what it holds, holds only what is referred to, and uses no word of older versions", () => {
    const referred = new Set<string>();
    for (const [pointer, object] of objects(document)) {
      const ref = object["$ref"];
      if (typeof ref === "string") {
        expect(ref, pointer).toMatch(/^#\/components\/schemas\/[A-Za-z]+$/);
        expect(document.components.schemas, pointer).toHaveProperty([ref.split("/").at(-1)!]);
        referred.add(ref.split("/").at(-1)!);
      }
      expect(pointer.includes("/properties") || !("nullable" in object), pointer).toBe(true);
    }
    expect([...referred].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
    expect(referred.size).toBeGreaterThan(20);
  });

  it("has for every operation a summary, a tag, its parameters, described replies and real security", () => {
    const schemes = Object.keys(document.components.securitySchemes);
    expect(schemes.toSorted()).toEqual(["bearer", "device", "operator", "session"]);
    for (const { method, path, operation } of operations()) {
      const name = `${method} ${path}`;
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags?.length, name).toBe(1);
      expect(document.tags.map((tag) => tag.name), name).toContain(operation.tags![0]);
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!);
      expect((operation.parameters ?? []).filter((parameter) => parameter.in === "path").map((parameter) => parameter.name).toSorted(), name).toEqual(inPath.toSorted());
      for (const parameter of operation.parameters ?? []) {
        expect(parameter.schema, `${name} ${parameter.name}`).toBeDefined();
        if (parameter.in === "path") expect(parameter.required).toBe(true);
      }
      const statuses = Object.keys(operation.responses);
      expect(statuses.some((status) => /^[23]\d\d$/.test(status)), name).toBe(true);
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(response.description, `${name} ${status}`).toBeTruthy();
        expect(response.description).not.toBe("Default Response");
        if (Number(status) >= 400) expect(response.content, `${name} ${status}`).toEqual({ "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } });
      }
      for (const requirement of operation.security ?? []) for (const scheme of Object.keys(requirement)) expect(schemes, name).toContain(scheme);
    }
  });

  it("asks for a session or a token everywhere but where one comes from, at the vendors' doors and for the operator", () => {
    const open = operations().filter(({ operation }) => !operation.security?.length).map(({ method, path }) => `${method} ${path}`);
    expect(open.toSorted()).toEqual([
      "get /.well-known/jwks.json", "get /.well-known/security.txt", "get /api/v1/sign-in-providers", "get /api/v1/sign-in-providers/{providerId}/callback", "get /health", "get /logos/{provider}",
      "get /oauth/{provider}/callback", "get /ready", "get /webhooks/{provider}",
      "post /api/v1/devices/pair", "post /api/v1/email-addresses/confirm", "post /api/v1/email-addresses/undo", "post /api/v1/invitations/accept", "post /api/v1/invitations/look", "post /api/v1/password-recoveries",
      "post /api/v1/registrations", "post /api/v1/registrations/confirm", "post /api/v1/session", "post /api/v1/session/passkey", "post /api/v1/session/passkey/options", "post /api/v1/session/second-factor", "post /api/v1/sign-in-providers/{providerId}",
      "post /api/v1/tokens", "post /api/v1/tokens/second-factor", "post /webhooks/{provider}",
      "put /api/v1/password-recoveries",
    ]);
  });

  it("names every route that the server has, and the server has every route that it names [API9]", () => {
    const lines = test.server.printRoutes({ commonPrefix: false }).split("\n");
    const parts: string[] = [];
    const served = new Set<string>();
    for (const line of lines) {
      const match = /^((?:│ {3}| {4})*)(?:[├└]── )(.*?)(?: \(([A-Z, ]+)\))?$/u.exec(line);
      if (!match) continue;
      const depth = match[1]!.length / 4;
      parts.length = depth;
      parts.push(match[2]!);
      for (const method of match[3]?.split(", ") ?? []) served.add(`${method.toLowerCase()} ${parts.join("").replace("//", "/").replace(/:([A-Za-z]+)/g, "{$1}")}`);
    }
    const ours = [...served].filter((route) => !route.startsWith("head ") && /^\w+ \/(?:api\/|webhooks\/|oauth\/|logos\/|\.well-known\/|health|ready|metrics)/.test(route));
    expect(ours.length).toBeGreaterThan(25);
    expect(ours.toSorted()).toEqual(operations().map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it("is shown to people at /docs without any script, style or picture of another host", async () => {
    const page = await test.request({ method: "GET", url: "/docs" });
    expect(page.statusCode).toBe(200);
    expect(page.headers["content-type"]).toContain("text/html");
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => new URL(match[1]!, "http://x/docs/").pathname);
    expect(assets.length).toBeGreaterThan(3);
    for (const asset of assets) expect((await test.request({ method: "GET", url: asset })).statusCode, asset).toBe(200);
  });
});

describe("the notice [E10]", () => {
  /** Where glucose is told, found by asking: replies that hold it must carry the notice. */
  it("is in the header of every reply with glucose in it, and such an operation says so in the document", async () => {
    const withGlucose: string[] = [];
    for (const { method, path, operation } of operations()) {
      const isStream = operation.responses["200"]?.content?.["text/event-stream"] !== undefined;
      // What a person's own data is told by; whoever signs in has none yet, operators see states and codes of deliveries, never what is in them.
      const { who, done } = CALLS[`${method} ${path}`]!;
      if (method !== "get" || !path.startsWith("/api/") || isStream || done === 404 || who === "anyone" || who === "admin" || who.startsWith("clinician") || who === "treat") continue;
      const request = requestOf({ name: `${method} ${path}`, method: "GET", path }, "me", ids);
      const url = request.url;
      const answer = await test.request({ as: test.people.patient, method: "GET", url });
      expect(answer.statusCode, url).toBe(200);
      // Preferences name a unit and values of nobody.
      // What a PDF says is compressed.
      const isGlucose = path.endsWith(".pdf") || /mg\/dL|mmol\/L|glucose_meter|valueMgDl/.test(answer.body.replace(/"glucoseUnit":"[^"]*"/g, "")) && !path.endsWith("/providers");
      if (!isGlucose) continue;
      withGlucose.push(path.split("/").slice(5).join("/") || path);
      expect(answer.headers[NOTICE_HEADER], path).toBe(GLUCOSE_NOTICE);
      expect(operation.description, path).toContain(GLUCOSE_NOTICE);
    }
    expect(withGlucose.toSorted()).toEqual([
      "/api/v1/patients/summaries", "appointments/{appointmentId}", "days", "deliveries/{deliveryId}/raw", "glucose/agp", "glucose/compare", "glucose/daily", "glucose/episodes", "glucose/latest", "glucose/report.pdf",
      "glucose/series", "glucose/statistics", "glucose/summary", "glucose/tables/{table}", "latest", "metrics", "metrics/stream", "provenance", "readings", "targets", "treatments",
    ]);
  });

  it("is told before a vendor is connected, beside the vendor's own disclosure", async () => {
    const answer = await test.request({ as: test.people.patient, method: "POST", url: "/api/v1/patients/me/connections", payload: { provider: "dexcom" } });
    expect(answer.headers[NOTICE_HEADER]).toBe(GLUCOSE_NOTICE);
    expect(answer.json()).toMatchObject({ notice: GLUCOSE_NOTICE, disclosure: expect.stringMatching(/.{20}/) as string });
  });
});
