/** How a react-admin resource is asked for at our API. A resource that cannot be changed leaves out what changes it. */
import type { CreateParams, GetListParams, GetListResult, RaRecord, UpdateParams } from "ra-core";
import type { Client } from "#web/client/operation-client.ts";

export interface ListAsked extends Pick<GetListParams, "filter" | "sort" | "signal"> {
  readonly page: number;
  readonly perPage: number;
}

export interface ResourceAdapter<Line extends RaRecord = RaRecord> {
  readonly list?: (client: Client, asked: ListAsked) => Promise<GetListResult<Line>>;
  readonly one?: (client: Client, id: string) => Promise<Line>;
  readonly create?: (client: Client, params: CreateParams) => Promise<Line>;
  readonly update?: (client: Client, params: UpdateParams) => Promise<Line>;
  readonly remove?: (client: Client, id: string) => Promise<void>;
}
