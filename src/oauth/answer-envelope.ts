/** Token endpoints that answer HTTP 200 to everything and say in a wrapped answer how it went. Pure. */
import type { AnswerEnvelope, AnswerRefusal } from "./types.ts";

/** HTTP statuses that the client treats as what was meant. */
const HTTP_STATUSES: Readonly<Record<AnswerRefusal["meaning"], number>> = { person: 401, operator: 400, time: 503, limit: 429 };

/**
 * The HTTP status that a wrapped answer stands for: 200 for status 0 and for what is no such answer (its reader will say so), 400 for
 * a refusal that no rule knows.
 */
export function envelopeHttpStatus(body: Uint8Array, envelope: AnswerEnvelope): number {
  const answer = parseObject(new TextDecoder().decode(body));
  if (!answer || statusIn(answer, envelope) === 0) return 200;
  const meaning = meaningOf(answer, envelope);
  return meaning === null ? 400 : HTTP_STATUSES[meaning];
}

/** Whether an answer says in so many words that all went well. */
export function saysSuccess(answer: unknown, envelope: AnswerEnvelope): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  const fields = answer as Record<string, unknown>;
  const isTold = ["string", "number"].includes(typeof fields[envelope.statusField]);
  return isTold && statusIn(fields, envelope) === 0;
}

/** Who must help against a wrapped refusal; null when it is none, or no rule knows it. */
export function envelopeMeaning(body: string, envelope: AnswerEnvelope): AnswerRefusal["meaning"] | null {
  const answer = parseObject(body);
  return answer ? meaningOf(answer, envelope) : null;
}

function meaningOf(answer: Readonly<Record<string, unknown>>, envelope: AnswerEnvelope): AnswerRefusal["meaning"] | null {
  const status = statusIn(answer, envelope);
  const words = answer[envelope.wordsField];
  if (status === 0) return null;
  const rule = envelope.refusals.find(
    (each) => each.statuses.includes(status) && (each.words === undefined || (typeof words === "string" && each.words.test(words))),
  );
  return rule?.meaning ?? null;
}

/** The status, also where it is sent as digits; 0 for an answer that has none, -1 for one that is no number. */
function statusIn(answer: Readonly<Record<string, unknown>>, envelope: AnswerEnvelope): number {
  const status = answer[envelope.statusField];
  if (typeof status === "number") return status;
  if (typeof status !== "string") return 0;
  return /^\d{1,9}$/.test(status) ? Number(status) : -1;
}

/** What is wrapped; undefined when nothing is. */
export function unwrapAnswer(answer: unknown, envelope: AnswerEnvelope): unknown {
  if (envelope.bodyField === null) return answer;
  return typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>)[envelope.bodyField] : undefined;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
