import { type ReactNode, useState } from "react";
import type { ApiError } from "#web/client/errors.ts";
import { toApiError } from "#web/client/errors.ts";
import type { ResourceSpec } from "#web/client/cache.ts";
import { useResource } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { Empty, ErrorNote, Skeleton, WhenLoaded } from "./States.tsx";

interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

export interface PagedListProps<T> {
  readonly first: ResourceSpec<Page<T>>;
  readonly loadMore: (cursor: string) => Promise<Page<T>>;
  readonly emptyText: string;
  readonly idOf: (item: T) => string;
  readonly children: (item: T) => ReactNode;
}

/** A list that grows on demand. The first page stays fresh; later ones are kept until the list's subject changes. */
export function PagedList<T>({ first, loadMore, emptyText, idOf, children }: PagedListProps<T>) {
  const { t } = useLanguage();
  const resource = useResource(first);
  const [more, setMore] = useState<Page<T> | null>(null);
  const [isLoading, setIsLoading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const onMore = async (cursor: string): Promise<void> => {
    setIsLoading(true);
    setError(null);
    try {
      const page = await loadMore(cursor);
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
              {items.map((item) => (
                <li key={idOf(item)}>{children(item)}</li>
              ))}
            </ul>
            {error ? <ErrorNote error={error} /> : null}
            {cursor === null ? null : (
              <button type="button" className="button" disabled={isLoading} onClick={() => void onMore(cursor)}>
                {t("trends.more")}
              </button>
            )}
          </>
        );
      }}
    </WhenLoaded>
  );
}
