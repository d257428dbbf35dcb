/** What is said of a document, in words and as the API takes it. */
import type { Body } from "#web/client/operation-client.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { type FormValues, orNull } from "../entries/entry.ts";

type About = Body<"put /patients/{patientId}/documents/{documentId}">;

export const KIND_WORDS = { lab: "history.documentLab", letter: "history.documentLetter", report: "history.documentReport", other: "history.documentOther" } as const satisfies Readonly<Record<string, MessageKey>>;
export const DOCUMENT_KINDS = Object.entries(KIND_WORDS);

/** What a form says of a document. */
export function aboutOf(values: FormValues): About {
  return {
    title: values["title"]!.trim(), documentKind: values["documentKind"] as About["documentKind"], date: orNull(values["date"]), audience: values["audience"] as NonNullable<About["audience"]>, note: orNull(values["note"]),
  };
}
