/** Keeps a patient's page fresh: what the change feed names is asked for anew, without a reload. */
import { useEffect } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { openLive } from "#web/client/live.ts";
import type { LiveEvent } from "#web/client/types.ts";
import { useForget } from "../appointments/live.ts";

/** Many changes in a row, as of a back-fill, are one. */
const PAUSE_MS = 1_500;

type Change = Pick<LiveEvent, "kind">["kind"];

/** What a change makes old, by the beginning of the operation's path below the patient; a kind that this page does not know makes all of it old. */
const MADE_OLD: Partial<Record<Change, readonly string[]>> = {
  samples: ["glucose/", "metrics", "latest", "days", "readings"],
  sleep: ["sleeps", "days", "metrics"],
  workout: ["workouts", "days", "metrics"],
  treatment: ["treatments", "readings"],
  connection: ["connections", "source-rules"],
  appointment: ["appointments"],
};

/** Whether an operation's answer about the patient may be another one after changes of these kinds. */
export function isMadeOld(operation: string, kinds: ReadonlySet<Change>): boolean {
  const [, below] = operation.split(" /patients/{patientId}/");
  return [...kinds].some((kind) => {
    const named = MADE_OLD[kind];
    return named === undefined || named.some((each) => below?.startsWith(each));
  });
}

/** Follows the patient's feed while the page is open. */
export function useLivePatient(patientId: string): void {
  const queries = useQueryClient();
  const forgetAppointments = useForget();
  useEffect(() => {
    const waiting = new Set<Change>();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const isAbout = (asked: unknown): boolean => (asked as { path?: { patientId?: string } } | undefined)?.path?.patientId === patientId;
    const refresh = (isOld: (operation: string) => boolean): void =>
      void queries.invalidateQueries({ predicate: ({ queryKey: [operation, asked] }) => isAbout(asked) && isOld(String(operation)) });
    const everything = (): void => {
      refresh(() => true);
      forgetAppointments();
    };
    const close = openLive({
      url: `/api/v1/patients/${patientId}/live`,
      open: (url) => new EventSource(url),
      onChange: ({ kind }) => {
        waiting.add(kind);
        timer ??= setTimeout(() => {
          const kinds = new Set(waiting);
          waiting.clear();
          timer = null;
          refresh((operation) => isMadeOld(operation, kinds));
          // The clinic's side of requests is asked for without the patient in the path.
          if (kinds.has("appointment")) forgetAppointments();
        }, PAUSE_MS);
      },
      onReset: everything,
      // Perhaps the right to see has ended, or the session: the next question tells.
      onRefused: () => refresh((operation) => operation === "get /patients/{patientId}"),
    });
    return () => {
      if (timer !== null) clearTimeout(timer);
      close();
    };
  }, [queries, patientId, forgetAppointments]);
}
