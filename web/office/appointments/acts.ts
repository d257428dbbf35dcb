/** What a clinician does with a request. Whoever was faster is named, and the board shows what it is now. */
import { useNotify } from "ra-core";
import type { ApiError } from "#web/client/errors.ts";
import type { OperationName } from "#web/client/operation-client.ts";
import { useAct } from "../data/queries.ts";
import type { MessageKey } from "../messages/catalogue.ts";
import { useFormatter, useWords } from "../messages/words.ts";
import { APPOINTMENT_QUERIES, useForget } from "./live.ts";

/** The version that the clinician saw. */
export const seen = (version: number) => ({ headers: { "if-match": `"${version}"` } });

/** Deals with 412: true where it was one. */
export function useTaken(): (error: ApiError) => boolean {
  const t = useWords();
  const f = useFormatter();
  const notify = useNotify();
  const forget = useForget();
  return ({ status, changed }) => {
    if (status !== 412) return false;
    const time = changed ? f.dateTime(Date.parse(changed.at)) : "";
    const words = changed?.by ? t("appointments.taken", { name: changed.by, time }) : t("appointments.takenBySomebody", { time });
    notify(words, { type: "warning", messageArgs: { _: words } });
    forget();
    return true;
  };
}

/** An act on the queue, told in words when it is done. */
export function useQueueAct<Name extends OperationName>(name: Name, done: MessageKey | null, onDone: () => void = () => undefined) {
  const t = useWords();
  const notify = useNotify();
  const taken = useTaken();
  return useAct(name, {
    changes: APPOINTMENT_QUERIES,
    onDone: () => {
      onDone();
      if (done) notify(t(done), { type: "success", messageArgs: { _: t(done) } });
    },
    onError: (error) => {
      const isTaken = taken(error);
      if (isTaken) onDone();
      return isTaken;
    },
  });
}
