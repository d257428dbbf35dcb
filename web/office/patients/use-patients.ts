/** A page of the list, by number over the API's cursors. What is searched for goes in the body of a request. */
import { useState } from "react";
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Body, Reply } from "#web/client/operation-client.ts";
import { CursorPages } from "../data/cursor-pages.ts";
import { useClient } from "../session/staff.ts";
import { type ListAsked, queryOf } from "./query.ts";

export type PatientPage = Reply<"get /clinic/patients">;
export type PatientLine = PatientPage["data"][number];

export const ROWS_A_PAGE = 50;
/** Names of what is asked for, for whoever makes it old. */
export const LIST_KEYS = ["get /clinic/patients", "get /clinic/attention", "get /clinic/overview"] as const;

/** Null where the list has no such page any more. While another page is asked for, the one before stays. */
export function usePatients(asked: ListAsked, text: string): UseQueryResult<PatientPage | null, ApiError> {
  const client = useClient();
  const [pages] = useState(() => new CursorPages());
  const { page } = asked;
  const query = queryOf(asked);
  return useQuery<PatientPage | null, ApiError>({
    queryKey: [LIST_KEYS[0], query, text, page], placeholderData: keepPreviousData, staleTime: 15_000, retry: false,
    queryFn: async ({ signal }) => {
      try {
        return await pages.read(JSON.stringify([query, text]), page, (cursor) => {
          const whole = { ...query, limit: ROWS_A_PAGE, ...(cursor === undefined ? {} : { cursor }) };
          if (text === "") return client.call("get /clinic/patients", { query: whole, signal });
          return client.call("post /clinic/patients/search", { body: { text, filters: whole } as Body<"post /clinic/patients/search">, signal });
        });
      } catch (thrown) {
        if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
        throw toApiError(thrown);
      }
    },
  });
}
