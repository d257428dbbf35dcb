/** The states of what is asked for: the shape of what comes, a sentence when it takes long, what went wrong and what to do, old data while new are on their way. */
import { type ReactNode, useEffect, useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ApiError } from "#web/client/errors.ts";
import { useWords } from "../messages/words.ts";
import { useErrorWords } from "./error-words.ts";

const SLOW_MS = 10_000;

export interface LoadedProps<T> {
  readonly query: UseQueryResult<T, ApiError>;
  /** Of the final shape, so that nothing jumps; else some lines. */
  readonly skeleton?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  const t = useWords();
  const errorWords = useErrorWords();
  const isSlow = useSlow(query.isPending);
  const retry = <Button color="inherit" size="small" onClick={() => void query.refetch()}>{t("state.retry")}</Button>;
  if (query.data === undefined) {
    if (query.error) return <Alert severity="error" action={retry} data-testid="load-error">{errorWords(query.error)}</Alert>;
    return (
      <Box aria-busy="true" aria-label={t("state.loading")} component="section" data-testid="skeleton">
        {skeleton ?? <Lines />}
        {isSlow ? <Alert severity="info" action={retry}>{t("state.slow")}</Alert> : null}
      </Box>
    );
  }
  return (
    <>
      {query.error ? <Alert severity="warning" action={retry}>{errorWords(query.error)}</Alert> : null}
      <Box aria-busy={query.isPlaceholderData || undefined} sx={{ opacity: query.isPlaceholderData ? 0.6 : 1, transition: "opacity 120ms" }}>{children(query.data)}</Box>
    </>
  );
}

function Lines() {
  return <>{[0, 1, 2, 3].map((line) => <Skeleton key={line} height={44} />)}</>;
}

/** Whether what is waited for has taken long; the wait begins anew with the next. */
function useSlow(isWaiting: boolean): boolean {
  const [isSlow, setIsSlow] = useState(false);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => setIsSlow(true), SLOW_MS);
    return () => {
      clearTimeout(timer);
      setIsSlow(false);
    };
  }, [isWaiting]);
  return isWaiting && isSlow;
}
