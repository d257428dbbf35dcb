/** A table whose lines come in pages: what comes first, what went wrong, nothing at all, and more. */
import type { ReactNode } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import { useWords } from "../../messages/words.ts";
import { useErrorWords } from "../../parts/error-words.ts";
import { Empty } from "./Empty.tsx";
import { ScrollTable } from "./ScrollTable.tsx";
import type { Pages } from "./use-pages.ts";

export interface PagedTableProps<Item> {
  readonly pages: Pages<Item>;
  readonly label: string;
  readonly columns: readonly string[];
  readonly empty: string;
  readonly renderRow: (item: Item) => ReactNode;
}

export function PagedTable<Item>({ pages, label, columns, empty, renderRow }: PagedTableProps<Item>) {
  const t = useWords();
  const errorWords = useErrorWords();
  const { lines, error } = pages;
  if (lines === undefined) {
    if (error) return <Alert severity="error" action={<Button color="inherit" size="small" onClick={pages.again}>{t("state.retry")}</Button>} data-testid="load-error">{errorWords(error)}</Alert>;
    return <Box component="section" aria-busy="true" aria-label={t("state.loading")} data-testid="skeleton">{[0, 1, 2, 3].map((line) => <Skeleton key={line} height={44} />)}</Box>;
  }
  return (
    <>
      {error ? <Alert severity="warning">{errorWords(error)}</Alert> : null}
      {lines.length === 0 ? <Empty text={empty} /> : <ScrollTable label={label} columns={columns}>{lines.map(renderRow)}</ScrollTable>}
      {pages.hasMore ? <Button sx={{ mt: 1 }} onClick={pages.more} disabled={pages.isLoadingMore} data-testid="more">{t("shell.more")}</Button> : null}
    </>
  );
}
