/** Chooses a file, then says what it is. */
import { useRef, useState } from "react";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Typography from "@mui/material/Typography";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { usePatient } from "../../patient/patient.ts";
import { EntryForm } from "../entries/EntryForm.tsx";
import type { FormField, FormValues } from "../entries/entry.ts";
import { aboutOf } from "./about.ts";
import { ACCEPTED, base64Of, MOST_BYTES, sizeText } from "./file.ts";

export function AddDocument({ fields, onClose }: { readonly fields: readonly FormField[]; readonly onClose: () => void }) {
  const t = useWords();
  const { path, f } = usePatient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const add = useAct("post /patients/{patientId}/documents", { changes: ["get /patients/{patientId}/documents"], onDone: onClose });
  const choose = (chosen: File | undefined): void => {
    setFault(chosen && chosen.size > MOST_BYTES ? t("history.fileTooLarge", { size: sizeText(MOST_BYTES, f) }) : null);
    setFile(chosen && chosen.size <= MOST_BYTES ? chosen : null);
  };
  const send = async (values: FormValues, chosen: File): Promise<void> => {
    const base64 = await base64Of(chosen).catch(() => null);
    if (base64 === null) {
      setFile(null);
      return setFault(t("history.fileUnreadable"));
    }
    add.mutate({ path, body: { ...aboutOf(values), file: { name: chosen.name.slice(0, 200), mediaType: chosen.type || null, base64 } } });
  };
  if (file) return <EntryForm title={t("history.aboutFile", { name: file.name })} fields={fields} isWorking={add.isPending} onSave={(values) => void send(values, file)} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} aria-labelledby="add-document" fullWidth maxWidth="sm">
      <DialogTitle id="add-document">{t("history.addDocument")}</DialogTitle>
      <DialogContent>
        {fault === null ? null : <Alert severity="error" sx={{ mb: 2 }}>{fault}</Alert>}
        {/* A button of its own, since a label cannot be reached by keyboard. */}
        <Button variant="outlined" onClick={() => input.current?.click()}>{t("history.chooseFile")}</Button>
        <input ref={input} type="file" hidden accept={ACCEPTED} onChange={(event) => choose(event.target.files?.[0])} data-testid="document-input" />
        <Typography variant="body2" color="textSecondary" sx={{ mt: 1.5 }}>{t("history.fileHint", { size: sizeText(MOST_BYTES, f) })}</Typography>
      </DialogContent>
      <DialogActions><Button onClick={onClose}>{t("action.cancel")}</Button></DialogActions>
    </Dialog>
  );
}
