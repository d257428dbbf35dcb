/** Asks before what is hard to take back; with `typed`, the person writes a word first. */
import { type ReactNode, useState } from "react";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { useWords } from "../messages/words.ts";

export interface ConfirmDialogProps {
  readonly title: string;
  readonly action: string;
  /** What is to be written before the button works, and how to ask for it. */
  readonly typed?: { readonly text: string; readonly label: string };
  readonly isGrave?: boolean;
  readonly isWorking?: boolean;
  readonly isReady?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

export function ConfirmDialog({ title, action, typed, isGrave = false, isWorking = false, isReady = true, onConfirm, onClose, children }: ConfirmDialogProps) {
  const t = useWords();
  const [text, setText] = useState("");
  const mayGo = isReady && !isWorking && (typed === undefined || text.trim() === typed.text);
  return (
    <Dialog open onClose={onClose} aria-labelledby="confirm-title" fullWidth maxWidth="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (mayGo) onConfirm();
        }}
      >
        <DialogTitle id="confirm-title">{title}</DialogTitle>
        <DialogContent>
          {children}
          {typed ? <TextField fullWidth margin="normal" label={typed.label} value={text} onChange={(event) => setText(event.target.value)} slotProps={{ htmlInput: { "data-testid": "confirm-typed" } }} /> : null}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="contained" color={isGrave ? "error" : "primary"} disabled={!mayGo} data-testid="confirm">{action}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
