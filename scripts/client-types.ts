/** From the OpenAPI document to the types of the pages' client: each operation's path, query, body and reply. */
import { compile, type JSONSchema } from "json-schema-to-typescript";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: JSONSchema;
}

type Content = Readonly<Record<string, { readonly schema?: JSONSchema }>>;

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JSONSchema>> };
}

/** Below it stands what pages call; vendors, devices and operators have doors of their own. */
const API = "/api/v1";
const HEAD = `/**
 * The operations of the API as the pages call them. Made from the OpenAPI document by "node scripts/api-client.ts"; never changed by hand.
 */`;

/** The text of `web/client/operations.d.ts`. */
export async function operationsText(document: OpenApiDocument): Promise<string> {
  const operations = Object.entries(document.paths).filter(([path]) => path.startsWith(`${API}/`)).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path.slice(API.length)}`, describe(operation)] as const));
  const root = plain({ title: "Operations", ...objectOf(Object.fromEntries(operations.map(([name, schema]) => [name, { schema, required: true }]))), definitions: document.components.schemas });
  const text = await compile(root as JSONSchema, "Operations", { bannerComment: HEAD, style: { printWidth: 160 }, additionalProperties: false, ignoreMinAndMaxItems: true, unreachableDefinitions: false });
  return text.trimEnd().concat("\n");
}

function describe({ parameters = [], requestBody, responses }: Operation): JSONSchema {
  const of = (place: string): JSONSchema => objectOf(Object.fromEntries(parameters.filter((each) => each.in === place).map(({ name, required = false, schema = {} }) => [name, { schema, required }])));
  const hasRequired = (place: string): boolean => parameters.some((each) => each.in === place && each.required);
  const body = requestBody?.content["application/json"]?.schema;
  const [, done] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  return objectOf({
    path: { schema: of("path"), required: true },
    query: { schema: of("query"), required: hasRequired("query") },
    ...(body ? { body: { schema: body, required: true } } : {}),
    reply: { schema: done?.content?.["application/json"]?.schema ?? { type: "null" }, required: true },
  });
}

function objectOf(properties: Readonly<Record<string, { readonly schema: JSONSchema; readonly required: boolean }>>): JSONSchema {
  return {
    type: "object", additionalProperties: false, properties: Object.fromEntries(Object.entries(properties).map(([name, { schema }]) => [name, schema])),
    required: Object.entries(properties).filter(([, { required }]) => required).map(([name]) => name),
  };
}

/** References where the compiler looks for them; without titles and descriptions of parts, which would become names and comments. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, key === "$ref" && typeof each === "string" ? each.replace("#/components/schemas/", "#/definitions/") : plain(each)] as const);
  return Object.fromEntries(entries.filter(([key, each]) => !(["description", "default", "pattern", "format", "minLength", "maxLength"].includes(key) && typeof each !== "object")));
}
