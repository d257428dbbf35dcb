/** A list of pages by cursor, as one that grows when more is asked for. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Asked, OperationName, Reply } from "#web/client/operation-client.ts";
import { useClient } from "../../session/staff.ts";

/** Operations whose replies are pages. */
export type PagedName = { [Name in OperationName]: Reply<Name> extends { readonly data: readonly unknown[]; readonly nextCursor: string | null } ? Name : never }[OperationName];
export type Line<Name extends PagedName> = Reply<Name> extends { readonly data: readonly (infer One)[] } ? One : never;

export interface Pages<Item> {
  /** All lines so far; undefined before the first page. */
  readonly lines: readonly Item[] | undefined;
  readonly error: ApiError | null;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

export function usePages<Name extends PagedName>(name: Name, asked: Omit<Asked<Name>, "signal">): Pages<Line<Name>> {
  const client = useClient();
  const found = useInfiniteQuery<Reply<Name>, ApiError, { pages: Reply<Name>[] }, readonly unknown[], string | null>({
    queryKey: [name, asked],
    queryFn: async ({ pageParam, signal }) => {
      const { query } = asked as { query?: object };
      try {
        return await (client.call as (what: Name, how: unknown) => Promise<Reply<Name>>)(name, { ...asked, query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) }, signal });
      } catch (thrown) {
        if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
        throw toApiError(thrown);
      }
    },
    initialPageParam: null,
    getNextPageParam: (page) => (page as { nextCursor: string | null }).nextCursor,
    staleTime: 15_000, retry: false,
  });
  return {
    lines: found.data?.pages.flatMap((page) => (page as unknown as { data: Line<Name>[] }).data), error: found.error, hasMore: found.hasNextPage, isLoadingMore: found.isFetchingNextPage,
    more: () => void found.fetchNextPage(), again: () => void found.refetch(),
  };
}
