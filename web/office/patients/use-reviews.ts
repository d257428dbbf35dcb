/** Marking a patient as looked at, and taking it back at once. */
import { useState } from "react";
import { useAct } from "../data/queries.ts";
import { LIST_KEYS, type PatientLine } from "./use-patients.ts";

export interface Marked {
  readonly line: PatientLine;
  readonly reviewId: string;
}

export function useReviews() {
  const [marked, setMarked] = useState<Marked | null>(null);
  const make = useAct("post /patients/{patientId}/reviews", { changes: LIST_KEYS });
  const undo = useAct("delete /patients/{patientId}/reviews/{reviewId}", { changes: LIST_KEYS });
  return {
    marked,
    forget: () => setMarked(null),
    mark: (line: PatientLine): void => make.mutate({ path: { patientId: line.id }, body: {} }, { onSuccess: ({ data: [newest] }) => (newest ? setMarked({ line, reviewId: newest.id }) : undefined) }),
    undo: (): void => {
      if (marked) undo.mutate({ path: { patientId: marked.line.id, reviewId: marked.reviewId } }, { onSuccess: () => setMarked(null) });
    },
  };
}
