import { type ReactNode, useState } from "react";
import type { Span } from "#web/client/api.ts";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { ResourceSpec } from "#web/client/cache.ts";
import { useResource } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { Empty, ErrorNote, Skeleton, WhenLoaded } from "./States.tsx";

interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** A cursor belongs to the span it was given for: later pages must be asked for with the same one. */
type FirstPage<T> = Page<T> & { readonly span: Span };

/** Loads a first page and keeps the span it was asked for. */
export async function firstPage<T>(span: Span, load: (span: Span) => Promise<Page<T>>): Promise<FirstPage<T>> {
  return { ...(await load(span)), span };
}

export interface PagedListProps<T, Row> {
  readonly first: ResourceSpec<FirstPage<T>>;
  readonly loadMore: (cursor: string, span: Span) => Promise<Page<T>>;
  readonly emptyText: string;
  readonly idOf: (item: T) => string;
  /** Turns all items loaded so far into what is shown, e.g. groups. */
  readonly arrange: (items: readonly T[]) => readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly children: (row: Row) => ReactNode;
}

/** A list that grows on demand. The first page stays fresh; later ones are kept until the list's subject changes. */
export function PagedList<T, Row>({ first, loadMore, emptyText, idOf, arrange, keyOf, children }: PagedListProps<T, Row>) {
  const { t } = useLanguage();
  const resource = useResource(first);
  const [more, setMore] = useState<Page<T> | null>(null);
  const [isLoading, setIsLoading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const onMore = async (cursor: string, span: Span): Promise<void> => {
    setIsLoading(true);
    setError(null);
    try {
      const page = await loadMore(cursor, span);
      setMore((before) => ({ data: [...(before?.data ?? []), ...page.data], nextCursor: page.nextCursor }));
    } catch (thrown) {
      setError(toApiError(thrown));
    }
    setIsLoading(false);
  };

  return (
    <WhenLoaded resource={resource} skeleton={<Skeleton lines={3} />}>
      {(page) => {
        if (page.data.length === 0) return <Empty text={emptyText} />;
        const known = new Set(page.data.map(idOf));
        const items = [...page.data, ...(more?.data ?? []).filter((item) => !known.has(idOf(item)))];
        const cursor = more ? more.nextCursor : page.nextCursor;
        return (
          <>
            <ul className="rows">
              {arrange(items).map((row) => (
                <li key={keyOf(row)}>{children(row)}</li>
              ))}
            </ul>
            {error ? <ErrorNote error={error} /> : null}
            {cursor === null ? null : (
              <button type="button" className="button" disabled={isLoading} onClick={() => void onMore(cursor, page.span)}>
                {t("trends.more")}
              </button>
            )}
          </>
        );
      }}
    </WhenLoaded>
  );
}
