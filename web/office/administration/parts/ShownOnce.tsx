/** A secret that is shown this once: to be copied; closed by saying so. */
import { useState } from "react";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Typography from "@mui/material/Typography";
import { useWords } from "../../messages/words.ts";

export interface ShownOnceProps {
  readonly title: string;
  readonly lead: string;
  readonly secret: string;
  readonly onClose: () => void;
}

export function ShownOnce({ title, lead, secret, onClose }: ShownOnceProps) {
  const t = useWords();
  const [isCopied, setIsCopied] = useState(false);
  // A refused clipboard leaves the text to be selected by hand.
  const copy = (): void => void navigator.clipboard.writeText(secret).then(() => setIsCopied(true), () => setIsCopied(false));
  return (
    <Dialog open fullWidth maxWidth="sm" aria-labelledby="once-title" data-testid="shown-once">
      <DialogTitle id="once-title">{title}</DialogTitle>
      <DialogContent>
        <Typography>{lead}</Typography>
        <Typography component="p" sx={{ fontFamily: "monospace", overflowWrap: "anywhere", p: 1.5, my: 1, border: 1, borderColor: "divider", borderRadius: 1, userSelect: "all" }} data-testid="secret">{secret}</Typography>
        <output>{isCopied ? t("administration.copied") : ""}</output>
      </DialogContent>
      <DialogActions>
        <Button onClick={copy}>{t("administration.copy")}</Button>
        <Button variant="contained" onClick={onClose} data-testid="once-close">{t("administration.kept")}</Button>
      </DialogActions>
    </Dialog>
  );
}
