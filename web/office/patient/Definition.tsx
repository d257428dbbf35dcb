/** What a number means, where it stands: a small button that opens a sentence. */
import { useState } from "react";
import IconButton from "@mui/material/IconButton";
import Popover from "@mui/material/Popover";
import Typography from "@mui/material/Typography";
import InfoIcon from "@mui/icons-material/InfoOutlined";
import { useWords } from "../messages/words.ts";

export function Definition({ of, text }: { readonly of: string; readonly text: string }) {
  const t = useWords();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <IconButton size="small" aria-label={t("patient.about", { name: of })} aria-haspopup="dialog" aria-expanded={anchor !== null} onClick={(event) => setAnchor(event.currentTarget)} sx={{ color: "text.secondary" }}>
        <InfoIcon sx={{ fontSize: 16 }} />
      </IconButton>
      <Popover open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} anchorOrigin={{ vertical: "bottom", horizontal: "left" }} slotProps={{ paper: { role: "dialog", "aria-label": of } }}>
        <Typography sx={{ p: 2, maxWidth: 340 }}>{text}</Typography>
      </Popover>
    </>
  );
}
