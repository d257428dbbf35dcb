/** Any operation of the API by its name in the OpenAPI document, with the types made from it. */
import type { Operations } from "./operations.d.ts";
import type { Query, Requester } from "./request.ts";

export type OperationName = keyof Operations;
export type Reply<Name extends OperationName> = Operations[Name]["reply"];
export type Body<Name extends OperationName> = Operations[Name] extends { readonly body: infer Given } ? Given : never;

type Values<Part> = { readonly [Key in keyof Part]: Part[Key] | (undefined extends Part[Key] ? undefined : never) };
type PathOf<Name extends OperationName> = keyof Operations[Name]["path"] extends never ? { readonly path?: undefined } : { readonly path: Operations[Name]["path"] };
type QueryOf<Name extends OperationName> = Operations[Name] extends { readonly query: infer Given } ? { readonly query: Values<Given> } : { readonly query?: Values<NonNullable<Operations[Name]["query"]>> };
type BodyOf<Name extends OperationName> = Operations[Name] extends { readonly body: infer Given } ? { readonly body: Given } : { readonly body?: undefined };

export type Asked<Name extends OperationName> = PathOf<Name> & QueryOf<Name> & BodyOf<Name> & { readonly signal?: AbortSignal; readonly headers?: Readonly<Record<string, string>> };
/** What is asked may be left out where nothing of it is needed. */
type Arguments<Name extends OperationName> = { readonly signal?: AbortSignal } extends Asked<Name> ? [asked?: Asked<Name>] : [asked: Asked<Name>];

interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Client = ReturnType<typeof createClient>;

/** Every call throws ApiError. */
export function createClient(requester: Requester) {
  return {
    requester,
    call<Name extends OperationName>(name: Name, ...[asked]: Arguments<Name>): Promise<Reply<Name>> {
      const [method, template] = name.split(" ") as [string, string];
      const { path = {}, ...rest } = (asked ?? {}) as Parts;
      return requester.send<Reply<Name>>(addressOf(template, path), { method: method.toUpperCase() as "GET", ...rest });
    },
    /** What an operation answers as a file. */
    file<Name extends OperationName>(name: Name, ...[asked]: Arguments<Name>): Promise<{ readonly blob: Blob; readonly name: string | null }> {
      const [method, template] = name.split(" ") as [string, string];
      const { path = {}, ...rest } = (asked ?? {}) as Parts;
      return requester.file(addressOf(template, path), { method: method.toUpperCase() as "GET", ...rest });
    },
  };
}

/** The address of an operation, for links and downloads. @throws Error where a part of the path is missing. */
export function addressOf(template: string, path: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined) throw new Error(`The address ${template} needs ${name}.`);
    return encodeURIComponent(value);
  });
}
