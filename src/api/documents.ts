/** The API's own description: OpenAPI 3.1 at `/openapi.json`, made from the schemas that requests and replies pass, and its pages at `/docs`. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { describeAccess } from "./access.ts";
import { cookieName } from "./authenticate.ts";
import type { ApiContext } from "./context.ts";
import { GLUCOSE_NOTICE, NOTICE_HEADER } from "./notice.ts";
import { TITLES } from "./problem.ts";
import * as schemas from "./schemas.ts";

const DESCRIPTION = `The open, self-hosted home for health data.

**${GLUCOSE_NOTICE}** Every reply that shows glucose carries this in the \`${NOTICE_HEADER}\` header.

Glucose is stored in mg/dL; 1 mmol/L = 18.01559 mg/dL. Errors are RFC 9457 problem details. Times are RFC 3339 or, in columns, UTC epoch milliseconds.`;

/** In the order in which a reader meets them. */
const TAGS = [
  { name: "sign-in", description: "Sessions of people, tokens of programs, oneself" },
  { name: "accounts", description: "Registration, invitations, passwords, addresses; users, for admins" },
  { name: "patients", description: "Whom one may see" },
  { name: "clinic", description: "A clinic's work with all its patients" },
  { name: "consent", description: "What people agree to, and in which words" },
  { name: "audit", description: "Who did what to whose data" },
  { name: "clinical history", description: "Conditions, medications, allergies, procedures, notes and documents, with their versions; who cares for the person" },
  { name: "appointments", description: "A patient's request, the clinic's queue, details and resolution" },
  { name: "sharing", description: "Who else may reach a patient's data" },
  { name: "connections", description: "Vendors, and a patient's connections to them" },
  { name: "glucose", description: "The current value, the curve, the summary" },
  { name: "measurements", description: "Series of any metric, sleeps, workouts, treatments, days" },
  { name: "live", description: "What changes, as it happens" },
  { name: "imports", description: "Files" },
  { name: "provenance", description: "From a value back to the bytes it came in" },
  { name: "vendors", description: "Where vendors push to" },
  { name: "devices", description: "Phones and meters that send" },
  { name: "privacy", description: "Packages of everything about a person, the end of their data, how long it is kept" },
  { name: "operation", description: "For operators" },
  { name: "administration", description: "For an organization's admins: what it is called, its systems, keys and vendors" },
];

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="34"><text x="0" y="25" font-family="sans-serif" font-size="24" font-weight="600" fill="#fff">Islet</text></svg>`;

/** Whatever schemas.ts exports stands in the document under its own name. */
const registry = z.registry<{ id: string }>();
for (const [name, schema] of Object.entries(schemas)) {
  if (schema instanceof z.ZodType) registry.add(schema, { id: `${name.charAt(0).toUpperCase()}${name.slice(1)}` });
}

const transform = createJsonSchemaTransform({ schemaRegistry: registry });
const transformObject = createJsonSchemaTransformObject({ schemaRegistry: registry });

export async function registerDocuments(islet: FastifyInstance, context: ApiContext): Promise<void> {
  await islet.register(swagger, {
    openapi: {
      openapi: "3.1.1",
      tags: TAGS,
      info: { title: "Islet", version: "1", license: { name: "Apache-2.0", identifier: "Apache-2.0" }, description: DESCRIPTION },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: cookieName(context), description: "The portal's session; writes also need X-CSRF-Token." },
          device: { type: "http", scheme: "bearer", description: "A paired device's own token; it can send measurements and nothing else." },
          bearer: { type: "http", scheme: "bearer", description: "A token of POST /api/v1/tokens." },
          operator: { type: "http", scheme: "bearer", description: "The operator's token, ISLET_METRICS_TOKEN; without one, only this machine itself is let in." },
        },
      },
    },
    transform: (input) => {
      const made = transform(input);
      return { ...made, schema: { ...(made.schema as object), ...describeAccess(input.route.config?.access) } };
    },
    transformObject: (document) => {
      const made = transformObject(document) as unknown as OpenApi;
      describeStatuses(made);
      dropUnused(made);
      return made as ReturnType<typeof transformObject>;
    },
  });
  islet.get("/openapi.json", { schema: { hide: true } }, () => islet.swagger());
  await islet.register(swaggerUi, {
    routePrefix: "/docs", staticCSP: false, theme: { title: "Islet: API" },
    logo: { type: "image/svg+xml", content: Buffer.from(LOGO), href: "/", target: "_self" },
  });
}

interface OpenApi {
  readonly paths?: Record<string, Record<string, { readonly responses?: Record<string, { description?: string }> }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

/** A status says by itself what it means; the generator says "Default Response" of each. */
function describeStatuses(document: OpenApi): void {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const { responses = {} } of Object.values(operations)) {
      for (const [status, response] of Object.entries(responses)) {
        if (response.description === "Default Response") response.description = TITLES[Number(status)] ?? "Done";
      }
    }
  }
}

/** The generator lists each schema twice, as it comes in and as it goes out; most are used one way. */
function dropUnused(document: OpenApi): void {
  const { schemas: all } = document.components;
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, name] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name!)) continue;
      used.add(name!);
      visit(all[name!]);
    }
  };
  visit(document.paths ?? {});
  for (const name of Object.keys(all)) if (!used.has(name)) delete all[name];
}
