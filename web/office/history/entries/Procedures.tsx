/** Procedures: what was done, and when. */
import type { Body, Reply } from "#web/client/operation-client.ts";
import type { Formatter } from "#web/language/format.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import type { Words } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { EntrySection } from "./EntrySection.tsx";
import { EntryVersions } from "./EntryVersions.tsx";
import { CODE_FIELDS, codeOf, codeText, codeValues, type EntryView, type FormValues, ifMatch, NOTE_FIELD, orNull } from "./entry.ts";

type Line = Reply<"get /patients/{patientId}/procedures">["data"][number];
type Version = Reply<"get /patients/{patientId}/procedures/{procedureId}/versions">["data"][number];
type Said = Pick<Line, keyof Line & keyof Version>;

const CHANGED = ["get /patients/{patientId}/procedures", "get /patients/{patientId}/procedures/{procedureId}/versions"] as const;

const SHOWN = {
  heading: ({ name }: Said): string => name,
  facts: ({ date, code, note }: Said, _: Words, f: Formatter): (string | null)[] => [date && f.yearDay(date), codeText(code), note],
};

const VIEW: EntryView<Line> = {
  testId: "procedures", title: "history.procedures", add: "history.addProcedure", empty: "history.noProcedure",
  fields: [
    { name: "name", label: "history.name", kind: "text", isRequired: true, most: 200 }, { name: "date", label: "history.date", kind: "date" }, ...CODE_FIELDS, NOTE_FIELD,
  ],
  ...SHOWN,
  valuesOf: ({ name, date, code, note }) => ({ name, date: date ?? "", ...codeValues(code), note: note ?? "" }),
};

function bodyOf(values: FormValues): Body<"post /patients/{patientId}/procedures"> {
  return { name: values["name"]!.trim(), date: orNull(values["date"]), code: codeOf(values), note: orNull(values["note"]) };
}

export function Procedures({ withErrors }: { readonly withErrors: boolean }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/procedures", { path, query: { includeErrors: withErrors ? "true" : "false", limit: 200 } });
  const add = useAct("post /patients/{patientId}/procedures", { changes: CHANGED });
  const change = useAct("put /patients/{patientId}/procedures/{procedureId}", { changes: CHANGED });
  const strike = useAct("delete /patients/{patientId}/procedures/{procedureId}", { changes: CHANGED });
  const restore = useAct("post /patients/{patientId}/procedures/{procedureId}/restore", { changes: CHANGED });
  const one = (line: Line) => ({ path: { ...path, procedureId: line.id }, headers: ifMatch(line) });
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
  const query = useOperation("get /patients/{patientId}/procedures/{procedureId}/versions", { path: { ...path, procedureId: line.id } });
  return <EntryVersions<Version> query={query} view={SHOWN} onClose={onClose} />;
}
