/** A section of the clinical history: its entries with status, author and time; adding, changing, marking as entered in error, giving back, every version. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { ComponentType, ReactNode } from "react";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { Panel } from "../../patient/Panel.tsx";
import { usePatient } from "../../patient/patient.ts";
import { useStaff } from "../../session/staff.ts";
import { EntryCard } from "./EntryCard.tsx";
import { EntryForm } from "./EntryForm.tsx";
import { type EntryLine, type EntryOperations, type EntryView, STRIKE_REASONS, STRIKE_WORDS, type StrikeReason } from "./entry.ts";

export interface EntrySectionProps<Line extends EntryLine> {
  readonly view: EntryView<Line>;
  readonly operations: EntryOperations<Line>;
  readonly Versions: ComponentType<{ readonly line: Line; readonly onClose: () => void }>;
  /** Beside the actions of a line. */
  readonly Beside?: ComponentType<{ readonly line: Line }>;
  /** Instead of the button that adds. */
  readonly adding?: ReactNode;
}

type Doing<Line> = { readonly what: "add" } | { readonly what: "change" | "strike" | "versions"; readonly line: Line };

export function EntrySection<Line extends EntryLine>({ view, operations, Versions, Beside, adding }: EntrySectionProps<Line>) {
  const t = useWords();
  const { patient } = usePatient();
  const { isClinician } = useStaff();
  const [doing, setDoing] = useState<Doing<Line> | null>(null);
  const mayWrite = patient.access.scope === "manage" && isClinician;
  const close = (): void => setDoing(null);
  const done = (work: Promise<unknown>): void => {
    // What went wrong was shown; the form stays with what was typed.
    work.then(close, () => undefined);
  };
  const addButton = operations.add ? <Button size="small" variant="outlined" onClick={() => setDoing({ what: "add" })} data-testid={`add-${view.testId}`}>{t(view.add)}</Button> : adding;
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
                      key={line.id} line={line} view={view} beside={Beside ? <Beside line={line} /> : null} onVersions={() => setDoing({ what: "versions", line })}
                      {...(mayWrite ? { onChange: () => setDoing({ what: "change", line }), onStrike: () => setDoing({ what: "strike", line }), onRestore: () => done(operations.restore(line)) } : {})}
                    />
                  ))}
                </Box>
                {nextCursor === null ? null : <Alert severity="info" variant="outlined" sx={{ mt: 1 }}>{t("history.entriesFirst", { shown: data.length })}</Alert>}
              </>
            )}
      </Loaded>
      {doing?.what === "add" && operations.add ? <EntryForm title={t(view.add)} fields={view.fields} isWorking={operations.isWorking} onSave={(values) => done(operations.add!(values))} onClose={close} /> : null}
      {doing?.what === "change" ? (
        <EntryForm title={t("history.change", { what: view.heading(doing.line, t) })} fields={view.fields} values={view.valuesOf(doing.line)} isWorking={operations.isWorking} onSave={(values) => done(operations.change(doing.line, values))} onClose={close} />
      ) : null}
      {doing?.what === "strike" ? <Strike what={view.heading(doing.line, t)} isWorking={operations.isWorking} onConfirm={(reason) => done(operations.strike(doing.line, reason))} onClose={close} /> : null}
      {doing?.what === "versions" ? <Versions line={doing.line} onClose={close} /> : null}
    </Panel>
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
