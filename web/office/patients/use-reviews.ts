/** Marking a patient as looked at, with a snooze or without, and taking it back at once. */
import { useState } from "react";
import { useAct } from "../data/queries.ts";
import { LIST_KEYS, type PatientLine } from "./use-patients.ts";

export interface Snooze {
  /** RFC 3339. */
  readonly until: string;
  readonly reason: string;
}

export interface Marked {
  readonly line: PatientLine;
  readonly reviewId: string;
  /** Null: marked without putting off. */
  readonly snooze: Snooze | null;
}

export type Reviews = ReturnType<typeof useReviews>;

export function useReviews() {
  const [marked, setMarked] = useState<Marked | null>(null);
  const make = useAct("post /patients/{patientId}/reviews", { changes: LIST_KEYS });
  const delay = useAct("post /patients/{patientId}/reviews", { changes: LIST_KEYS, onError: () => true });
  const undo = useAct("delete /patients/{patientId}/reviews/{reviewId}", { changes: LIST_KEYS });
  return {
    marked,
    forget: () => setMarked(null),
    mark: (line: PatientLine): void => make.mutate({ path: { patientId: line.id }, body: {} }, { onSuccess: ({ data: [newest] }) => (newest ? setMarked({ line, reviewId: newest.id, snooze: null }) : undefined) }),
    /** A refusal is `putOffError`, for whoever asks for the date and the reason. */
    putOff: (line: PatientLine, snooze: Snooze, onDone: () => void): void => delay.mutate({ path: { patientId: line.id }, body: { snooze } }, {
      onSuccess: ({ data: [newest] }) => {
        if (newest) setMarked({ line, reviewId: newest.id, snooze });
        onDone();
      },
    }),
    putOffError: delay.error,
    /** For the next patient, who was not refused. */
    forgetRefusal: () => delay.reset(),
    isWorking: make.isPending || delay.isPending,
    undo: (): void => {
      if (marked) undo.mutate({ path: { patientId: marked.line.id, reviewId: marked.reviewId } }, { onSuccess: () => setMarked(null) });
    },
  };
}
