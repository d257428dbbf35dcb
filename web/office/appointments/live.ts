/** The board hears of each move, and asks anew for what it shows. */
import { useCallback, useEffect } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { openLive } from "#web/client/live.ts";
import type { OperationName } from "#web/client/operation-client.ts";

/** What a move makes old. */
export const APPOINTMENT_QUERIES: readonly OperationName[] = ["get /appointments", "get /appointments/{appointmentId}", "get /appointment-queue"];
/** Several moves in a moment are one question. */
const GATHER_MS = 400;

/** Lets what is shown of the queue be asked for anew. */
export function useForget(): () => void {
  const queries = useQueryClient();
  return useCallback(() => void queries.invalidateQueries({ predicate: ({ queryKey }) => (APPOINTMENT_QUERIES as readonly unknown[]).includes(queryKey[0]) }), [queries]);
}

export function useClinicLive(): void {
  const forget = useForget();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const gather = (): void => {
      clearTimeout(timer);
      timer = setTimeout(forget, GATHER_MS);
    };
    const close = openLive({ url: "/api/v1/clinic/live", open: (url) => new EventSource(url), onChange: gather, onReset: gather, onRefused: gather });
    return () => {
      clearTimeout(timer);
      close();
    };
  }, [forget]);
}
