/** Documents of the patient: laboratory sheets, letters, reports. They are saved by the browser, never shown in our name. */
import { useState } from "react";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Link from "@mui/material/Link";
import Switch from "@mui/material/Switch";
import { addressOf, type Reply } from "#web/client/operation-client.ts";
import type { Formatter } from "#web/language/format.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import { type Words, useWords } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { EntrySection } from "../entries/EntrySection.tsx";
import { EntryVersions } from "../entries/EntryVersions.tsx";
import { type EntryView, ifMatch, NOTE_FIELD } from "../entries/entry.ts";
import { ViewOnly } from "../ViewOnly.tsx";
import { AddDocument } from "./AddDocument.tsx";
import { aboutOf, DOCUMENT_KINDS, KIND_WORDS } from "./about.ts";
import { sizeText } from "./file.ts";

type Line = Reply<"get /patients/{patientId}/documents">["data"][number];
type Version = Reply<"get /patients/{patientId}/documents/{documentId}/versions">["data"][number];
type Said = Pick<Line, keyof Line & keyof Version>;

const CHANGED = ["get /patients/{patientId}/documents", "get /patients/{patientId}/documents/{documentId}/versions"] as const;

const SHOWN = {
  heading: ({ title }: Said): string => title,
  facts: ({ documentKind, date, note }: Said, t: Words, f: Formatter): (string | null)[] => [[t(KIND_WORDS[documentKind]), date && f.yearDay(date)].filter(Boolean).join(" · "), note],
};

const VIEW: EntryView<Line> = {
  testId: "documents", title: "history.documents", add: "history.addDocument", empty: "history.noDocument",
  fields: [
    { name: "title", label: "history.documentTitle", kind: "text", isRequired: true, most: 200 }, { name: "documentKind", label: "history.documentKind", kind: "select", isRequired: true, options: DOCUMENT_KINDS },
    { name: "date", label: "history.date", kind: "date" },
    { name: "audience", label: "history.audience", kind: "select", isRequired: true, first: "shared", options: [["shared", "history.audienceShared"], ["care_team", "history.audienceTeam"]] }, NOTE_FIELD,
  ],
  ...SHOWN,
  valuesOf: ({ title, documentKind, date, audience, note }) => ({ title, documentKind, date: date ?? "", audience, note: note ?? "" }),
};

export function Documents() {
  const t = useWords();
  const { path } = usePatient();
  const [isAdding, setAdding] = useState(false);
  const [withErrors, setWithErrors] = useState(false);
  const query = useOperation("get /patients/{patientId}/documents", { path, query: { includeErrors: withErrors ? "true" : "false", limit: 200 } });
  const change = useAct("put /patients/{patientId}/documents/{documentId}", { changes: CHANGED });
  const strike = useAct("delete /patients/{patientId}/documents/{documentId}", { changes: CHANGED });
  const restore = useAct("post /patients/{patientId}/documents/{documentId}/restore", { changes: CHANGED });
  const one = (line: Line) => ({ path: { ...path, documentId: line.id }, headers: ifMatch(line) });
  return (
    <>
      <ViewOnly />
      <FormControlLabel control={<Switch checked={withErrors} onChange={(event) => setWithErrors(event.target.checked)} />} label={t("history.showErrors")} sx={{ mb: 1 }} />
      <EntrySection
        view={VIEW} Versions={Versions}
        adding={<Button size="small" variant="outlined" onClick={() => setAdding(true)} data-testid="add-documents">{t("history.addDocument")}</Button>}
        Beside={FileLink}
        operations={{
          query, isWorking: change.isPending || strike.isPending || restore.isPending, change: (line, values) => change.mutateAsync({ ...one(line), body: aboutOf(values) }),
          strike: (line, reason) => strike.mutateAsync({ ...one(line), query: { reason } }), restore: (line) => restore.mutateAsync(one(line)),
        }}
      />
      {isAdding ? <AddDocument fields={VIEW.fields} onClose={() => setAdding(false)} /> : null}
    </>
  );
}

/** To be saved; what it is and how large stands in the link. */
function FileLink({ line: { id, title, file } }: { readonly line: Line }) {
  const t = useWords();
  const { path, f } = usePatient();
  const text = t("history.file", { type: file.mediaType.split("/")[1]!.toUpperCase(), size: sizeText(file.sizeBytes, f) });
  return (
    <Link href={addressOf("/api/v1/patients/{patientId}/documents/{documentId}/file", { ...path, documentId: id })} download variant="body2" sx={{ px: 1, py: 0.75 }} aria-label={`${text}: ${title}`} data-testid="document-file">
      {text}
    </Link>
  );
}

function Versions({ line, onClose }: { readonly line: Line; readonly onClose: () => void }) {
  const { path } = usePatient();
  const query = useOperation("get /patients/{patientId}/documents/{documentId}/versions", { path: { ...path, documentId: line.id } });
  return <EntryVersions<Version> query={query} view={SHOWN} onClose={onClose} />;
}
