/** Holds our numbers against the references', series by series. */
import { exceptionFor } from "./exceptions.ts";
import { ourNumbers } from "./ours.ts";
import { referenceNumbers, type Numbers } from "./references.ts";
import { goldenSeries, type GoldenPlace } from "./series.ts";

/** cgm-metrics §12 allows 1e-6 on the grid; all agree to this. */
export const TOLERANCE = 1e-9;
/** Beside zero nothing is relative. */
const SMALLEST = 1e-12;

export function isEqual(ours: number | null | undefined, reference: number | null): boolean {
  if (ours === undefined) return false;
  if (ours === null || reference === null) return ours === reference;
  return Math.abs(ours - reference) <= TOLERANCE * Math.abs(reference) + SMALLEST;
}

export interface Comparison {
  readonly id: string;
  readonly metric: string;
  readonly result: "equal" | "differs" | "excepted";
  /** Letter of the exception that covers it, also where it would not have been needed. */
  readonly mark: string | null;
  /** For people: what differs. */
  readonly text: string;
}

/** Each number of each series. An excepted one that must equal another variant's reference is held against that. */
export function compareAll(place: GoldenPlace): Comparison[] {
  const references = referenceNumbers(place);
  return [...references].flatMap(([id, numbers]) => {
    const ours = ourNumbers(goldenSeries(place, id));
    return [...numbers].map(([metric, reference]) => compare({ id, metric, reference }, ours, references));
  });
}

function compare(asked: { readonly id: string; readonly metric: string; readonly reference: number | null }, ours: Numbers, references: ReadonlyMap<string, Numbers>): Comparison {
  const { id, metric, reference } = asked;
  const own = ours.get(metric);
  const text = `${id} ${metric}: ${own} instead of ${reference}`;
  const mark = exceptionFor(id, metric)?.mark ?? null;
  if (isEqual(own, reference)) return { id, metric, result: "equal", mark, text };
  const exception = exceptionFor(id, metric);
  if (!exception) return { id, metric, result: "differs", mark, text };
  const other = exception.instead && references.get(exception.instead(id))?.get(metric);
  if (exception.instead && !isEqual(own, other ?? null)) return { id, metric, result: "differs", mark, text: `${text}, nor ${other} of ${exception.instead(id)}` };
  return { id, metric, result: "excepted", mark, text };
}
