/** react-admin's way to data, over the adapters of our resources. Nothing is done optimistically: what the server says is what is shown. */
import { type DataProvider, HttpError, type Identifier, type RaRecord } from "ra-core";
import { toApiError } from "#web/client/errors.ts";
import type { Client } from "#web/client/operation-client.ts";
import type { ResourceAdapter } from "./adapter.ts";

export function createDataProvider(client: Client, resources: Readonly<Record<string, ResourceAdapter>>): DataProvider {
  const adapter = (resource: string): ResourceAdapter => {
    const found = resources[resource];
    if (!found) throw new Error(`There is no resource ${resource}.`);
    return found;
  };
  const has = <T>(ability: T | undefined, resource: string): T => {
    if (ability === undefined) throw new Error(`${resource} cannot do this.`);
    return ability;
  };
  const each = (resource: string, ids: readonly Identifier[]): Promise<RaRecord[]> => Promise.all(ids.map((id) => has(adapter(resource).one, resource)(client, String(id))));
  const provider = {
    getList: (resource: string, { pagination, sort, filter, signal }: Parameters<DataProvider["getList"]>[1]) =>
      has(adapter(resource).list, resource)(client, { page: pagination?.page ?? 1, perPage: pagination?.perPage ?? 25, sort: sort ?? { field: "id", order: "ASC" }, filter: filter as unknown, ...(signal ? { signal } : {}) }),
    getOne: async (resource: string, { id }: { id: Identifier }) => ({ data: await has(adapter(resource).one, resource)(client, String(id)) }),
    getMany: async (resource: string, { ids }: { ids: Identifier[] }) => ({ data: await each(resource, ids) }),
    getManyReference: (resource: string) => Promise.reject(new Error(`${resource} is not asked for by reference.`)),
    create: async (resource: string, params: Parameters<DataProvider["create"]>[1]) => ({ data: await has(adapter(resource).create, resource)(client, params) }),
    update: async (resource: string, params: Parameters<DataProvider["update"]>[1]) => ({ data: await has(adapter(resource).update, resource)(client, params) }),
    updateMany: (resource: string) => Promise.reject(new Error(`${resource} is changed one by one.`)),
    delete: async (resource: string, { id }: { id: Identifier }) => {
      await has(adapter(resource).remove, resource)(client, String(id));
      return { data: { id } };
    },
    deleteMany: (resource: string) => Promise.reject(new Error(`${resource} is deleted one by one.`)),
  };
  return wrapped(provider as unknown as DataProvider);
}

/** Errors as react-admin knows them, with our own inside. */
function wrapped(provider: DataProvider): DataProvider {
  const entries = Object.entries(provider as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>);
  return Object.fromEntries(entries.map(([name, run]) => [name, async (...given: unknown[]) => {
    try {
      return await run(...given);
    } catch (thrown) {
      const error = toApiError(thrown);
      throw new HttpError(error.detail ?? error.code, error.status, { code: error.code });
    }
  }])) as unknown as DataProvider;
}
