/** The API as hooks: what is asked is cached by operation and what was asked; what acts says afterwards what has changed by it. */
import { useNotify } from "ra-core";
import { keepPreviousData, useMutation, useQuery, useQueryClient, type UseMutationResult, type UseQueryResult } from "@tanstack/react-query";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Asked, OperationName, Reply } from "#web/client/operation-client.ts";
import { useErrorWords } from "../parts/error-words.ts";
import { useClient } from "../session/staff.ts";

interface ReadOptions {
  /** False while it is not known what to ask. */
  readonly isEnabled?: boolean;
  readonly staleMs?: number;
}

/** What an operation answers. While something else is asked, the answer before stays (`isPlaceholderData`). */
export function useOperation<Name extends OperationName>(name: Name, asked: Omit<Asked<Name>, "signal">, options: ReadOptions = {}): UseQueryResult<Reply<Name>, ApiError> {
  const client = useClient();
  return useQuery<Reply<Name>, ApiError>({
    queryKey: [name, asked],
    queryFn: ({ signal }) => call(client, name, { ...asked, signal } as unknown as Asked<Name>),
    enabled: options.isEnabled ?? true, staleTime: options.staleMs ?? 15_000, placeholderData: keepPreviousData, retry: mayRetry,
  });
}

type Call = (name: OperationName, asked: unknown) => Promise<unknown>;

/** @throws ApiError for everything that goes wrong, but for a question that nobody waits for any more. */
async function call<Name extends OperationName>(client: ReturnType<typeof useClient>, name: Name, asked: Asked<Name>): Promise<Reply<Name>> {
  try {
    return (await (client.call as Call)(name, asked)) as Reply<Name>;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
    throw toApiError(thrown);
  }
}

/** A refusal stays a refusal; no answer, or a server in trouble, may be another moment's. */
function mayRetry(failures: number, { kind, status }: ApiError): boolean {
  return failures < 2 && (kind === "network" || status >= 502);
}

interface ActOptions<Name extends OperationName> {
  /** Operations whose answers are old afterwards; all of them unless told. */
  readonly changes?: readonly OperationName[];
  readonly onDone?: (reply: Reply<Name>, asked: Asked<Name>) => void;
  /** Told in words below the page unless this says that it has dealt with it. */
  readonly onError?: (error: ApiError) => boolean;
}

/** Acts by an operation; never sent twice by itself. */
export function useAct<Name extends OperationName>(name: Name, options: ActOptions<Name> = {}): UseMutationResult<Reply<Name>, ApiError, Asked<Name>> {
  const client = useClient();
  const queries = useQueryClient();
  const notify = useNotify();
  const errorWords = useErrorWords();
  return useMutation<Reply<Name>, ApiError, Asked<Name>>({
    mutationFn: (asked) => call(client, name, asked),
    onSuccess: async (reply, asked) => {
      options.onDone?.(reply, asked);
      const { changes } = options;
      await queries.invalidateQueries(changes ? { predicate: ({ queryKey }) => (changes as readonly unknown[]).includes(queryKey[0]) } : {});
    },
    onError: (error) => {
      if (!options.onError?.(error)) notify(errorWords(error), { type: "error", messageArgs: { _: errorWords(error) } });
    },
  });
}
