/** Notes of clinicians, for the care team or shared with the person. */
import type { Body, Reply } from "#web/client/operation-client.ts";
import type { Formatter } from "#web/language/format.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import type { Words } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { EntrySection } from "./EntrySection.tsx";
import { EntryVersions } from "./EntryVersions.tsx";
import { type EntryView, type FormValues, ifMatch, orNull } from "./entry.ts";

type Line = Reply<"get /patients/{patientId}/notes">["data"][number];
type Version = Reply<"get /patients/{patientId}/notes/{noteId}/versions">["data"][number];
type Said = Pick<Line, keyof Line & keyof Version>;

const CHANGED = ["get /patients/{patientId}/notes", "get /patients/{patientId}/notes/{noteId}/versions"] as const;

const NOTE_WORDS = { visit: "history.noteVisit", call: "history.noteCall", message: "history.noteMessage", other: "history.noteOther" } as const satisfies Readonly<Record<Line["noteKind"], MessageKey>>;
const NOTE_KINDS = Object.entries(NOTE_WORDS);

const SHOWN = {
  heading: ({ text }: Said): string => text,
  facts: ({ noteKind, date }: Said, t: Words, f: Formatter): (string | null)[] => [[t(NOTE_WORDS[noteKind]), date && f.yearDay(date)].filter(Boolean).join(" · ")],
};

const VIEW: EntryView<Line> = {
  testId: "notes", title: "history.notes", add: "history.addNote", empty: "history.noNote",
  fields: [
    { name: "text", label: "history.text", kind: "prose", isRequired: true, most: 20_000 }, { name: "noteKind", label: "history.noteKind", kind: "select", isRequired: true, first: "visit", options: NOTE_KINDS },
    { name: "date", label: "history.date", kind: "date" },
    { name: "audience", label: "history.audience", kind: "select", isRequired: true, first: "care_team", options: [["care_team", "history.audienceTeam"], ["shared", "history.audienceShared"]] },
    { name: "isPinned", label: "history.pin", kind: "tick" },
  ],
  ...SHOWN,
  valuesOf: ({ text, noteKind, date, audience, isPinned }) => ({ text, noteKind, date: date ?? "", audience, isPinned: String(isPinned) }),
};

function bodyOf(values: FormValues): Body<"post /patients/{patientId}/notes"> {
  return {
    text: values["text"]!.trim(), noteKind: values["noteKind"] as Line["noteKind"], date: orNull(values["date"]), audience: values["audience"] as Line["audience"], isPinned: values["isPinned"] === "true",
  };
}

export function Notes({ withErrors }: { readonly withErrors: boolean }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/notes", { path, query: { includeErrors: withErrors ? "true" : "false", limit: 200 } });
  const add = useAct("post /patients/{patientId}/notes", { changes: CHANGED });
  const change = useAct("put /patients/{patientId}/notes/{noteId}", { changes: CHANGED });
  const strike = useAct("delete /patients/{patientId}/notes/{noteId}", { changes: CHANGED });
  const restore = useAct("post /patients/{patientId}/notes/{noteId}/restore", { changes: CHANGED });
  const one = (line: Line) => ({ path: { ...path, noteId: line.id }, headers: ifMatch(line) });
  return (
    <EntrySection
      view={VIEW} Versions={Versions}
      operations={{
        query, isWorking: add.isPending || change.isPending || strike.isPending || restore.isPending,
        add: (values) => add.mutateAsync({ path, body: bodyOf(values) }), change: (line, values) => change.mutateAsync({ ...one(line), body: bodyOf(values) }),
        strike: (line, reason) => strike.mutateAsync({ ...one(line), query: { reason } }), restore: (line) => restore.mutateAsync(one(line)),
      }}
    />
  );
}

function Versions({ line, onClose }: { readonly line: Line; readonly onClose: () => void }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/notes/{noteId}/versions", { path: { ...path, noteId: line.id } });
  return <EntryVersions<Version> query={query} view={SHOWN} onClose={onClose} />;
}
