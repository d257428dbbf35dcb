/** A section of the clinical history: its entries with status, author and time; adding, changing, marking as entered in error, giving back, every version. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { ComponentType, ReactNode } from "react";
import { ApiError } from "#web/client/errors.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../../patient/Panel.tsx";
import { usePatient } from "../../patient/patient.ts";
import { useStaff } from "../../session/staff.ts";
import { AuthorLine } from "./AuthorLine.tsx";
import { EntryCard } from "./EntryCard.tsx";
import { EntryForm } from "./EntryForm.tsx";
import { type EntryLine, type EntryOperations, type EntryView, type FormValues, refusedFields, STRIKE_REASONS, STRIKE_WORDS, type StrikeReason } from "./entry.ts";

export interface EntrySectionProps<Line extends EntryLine> {
  readonly view: EntryView<Line>;
  readonly operations: EntryOperations<Line>;
  readonly Versions: ComponentType<{ readonly line: Line; readonly onClose: () => void }>;
  /** Beside the actions of a line. */
  readonly Beside?: ComponentType<{ readonly line: Line }>;
  /** Instead of the button that adds. */
  readonly adding?: ReactNode;
}

type Doing<Line> = { readonly what: "add" } | { readonly what: "strike" | "versions"; readonly line: Line } | {
  readonly what: "change";
  /** As it stands: what is sent names its version. */
  readonly line: Line;
  /** As the form began with it. */
  readonly begun: Line;
};

export function EntrySection<Line extends EntryLine>({ view, operations, Versions, Beside, adding }: EntrySectionProps<Line>) {
  const t = useWords();
  const { patient } = usePatient();
  const { isClinician } = useStaff();
  const [doing, setDoing] = useState<Doing<Line> | null>(null);
  const mayWrite = patient.access.scope === "manage" && isClinician;
  const [refused, setRefused] = useState<readonly string[]>([]);
  const open = (what: Doing<Line> | null): void => {
    setRefused([]);
    setDoing(what);
  };
  const close = (): void => open(null);
  const done = (work: Promise<unknown>): void => {
    // What went wrong was shown; the form stays with what was typed, and marks what it was about.
    work.then(close, (error: unknown) => setRefused(error instanceof ApiError ? refusedFields(error.fields) : []));
  };
  /** Where somebody else was faster, the form stays as it was typed and stands on what there is now. */
  const save = (line: Line, begun: Line, values: FormValues): void => {
    operations.change(line, values).then(close, async (error: unknown) => {
      setRefused(error instanceof ApiError ? refusedFields(error.fields) : []);
      if (!(error instanceof ApiError) || error.status !== 412) return;
      const { data } = await operations.query.refetch();
      const now = data?.data.find(({ id }) => id === line.id);
      if (now) setDoing({ what: "change", line: now, begun });
    });
  };
  const addButton = operations.add ? <Button size="small" variant="outlined" onClick={() => open({ what: "add" })} data-testid={`add-${view.testId}`}>{t(view.add)}</Button> : adding;
  return (
    <Panel title={t(view.title)} testId={view.testId} aside={mayWrite ? addButton : undefined}>
      <Loaded query={operations.query}>
        {({ data, nextCursor }) =>
          data.length === 0
            ? <Alert severity="info" variant="outlined">{t(view.empty)}</Alert>
            : (
              <>
                <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1 }}>
                  {data.map((line) => (
                    <EntryCard
                      key={line.id} line={line} view={view} beside={Beside ? <Beside line={line} /> : null} onVersions={() => open({ what: "versions", line })}
                      {...(mayWrite ? { onChange: () => open({ what: "change", line, begun: line }), onStrike: () => open({ what: "strike", line }), onRestore: () => done(operations.restore(line)) } : {})}
                    />
                  ))}
                </Box>
                {nextCursor === null ? null : <Alert severity="info" variant="outlined" sx={{ mt: 1 }}>{t("history.entriesFirst", { shown: data.length })}</Alert>}
              </>
            )}
      </Loaded>
      {doing?.what === "add" && operations.add ? <EntryForm title={t(view.add)} fields={view.fields} refused={refused} isWorking={operations.isWorking} onSave={(values) => done(operations.add!(values))} onClose={close} /> : null}
      {doing?.what === "change" ? (
        <EntryForm
          title={t("history.change", { what: view.heading(doing.line, t) })} fields={view.fields} values={view.valuesOf(doing.begun)} refused={refused} isWorking={operations.isWorking}
          notice={doing.line.version === doing.begun.version ? null : <Meanwhile line={doing.line} view={view} />} onSave={(values) => save(doing.line, doing.begun, values)} onClose={close}
        />
      ) : null}
      {doing?.what === "strike" ? <Strike what={view.heading(doing.line, t)} isWorking={operations.isWorking} onConfirm={(reason) => done(operations.strike(doing.line, reason))} onClose={close} /> : null}
      {doing?.what === "versions" ? <Versions line={doing.line} onClose={close} /> : null}
    </Panel>
  );
}

/** What somebody else wrote while the form was open. */
function Meanwhile<Line extends EntryLine>({ line, view }: { readonly line: Line; readonly view: EntryView<Line> }) {
  const t = useWords();
  const { f } = usePatient();
  const said = [view.heading(line, t), ...view.facts(line, t, f)].filter((part) => part !== null && part !== "");
  return (
    <Alert severity="warning" data-testid="changed-meanwhile">
      {t("history.changedMeanwhile")}
      <Box component="blockquote" sx={{ m: 0, my: 1, pl: 1.5, borderLeft: 3, whiteSpace: "pre-line", overflowWrap: "anywhere" }}>{said.join("\n")}<AuthorLine author={line.changedBy} at={line.changedAt} /></Box>
      {t("history.changedMeanwhileHint")}
    </Alert>
  );
}

function Strike({ what, isWorking, onConfirm, onClose }: { readonly what: string; readonly isWorking: boolean; readonly onConfirm: (reason: StrikeReason) => void; readonly onClose: () => void }) {
  const t = useWords();
  const [reason, setReason] = useState<StrikeReason>("mistyped");
  return (
    <ConfirmDialog title={t("history.strikeTitle", { what })} action={t("history.strike")} isWorking={isWorking} onConfirm={() => onConfirm(reason)} onClose={onClose}>
      <p>{t("history.strikeText")}</p>
      <TextField select fullWidth label={t("history.reason")} value={reason} onChange={(event) => setReason(event.target.value as StrikeReason)}>
        {STRIKE_REASONS.map((each) => <MenuItem key={each} value={each}>{t(STRIKE_WORDS[each])}</MenuItem>)}
      </TextField>
    </ConfirmDialog>
  );
}
