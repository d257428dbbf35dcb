/** A new tag, or another name or colour of one that there is. A name that is taken is said at its field. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Radio from "@mui/material/Radio";
import RadioGroup from "@mui/material/RadioGroup";
import TextField from "@mui/material/TextField";
import { useAct } from "../../data/queries.ts";
import type { MessageKey } from "../../messages/catalogue.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { useErrorWords } from "../../parts/error-words.ts";
import { TAG_COLOURS } from "../../patients/cells.tsx";
import { MOST_LETTERS, type Tag, TAG_KEYS } from "./tag.ts";

export interface TagFormProps {
  /** Null: a new one. */
  readonly tag: Tag | null;
  /** That is chosen at first: a place in the palette. */
  readonly color: number;
  readonly onClose: () => void;
}

export function TagForm({ tag, color: first, onClose }: TagFormProps) {
  const t = useWords();
  const errorWords = useErrorWords();
  const [name, setName] = useState(tag?.name ?? "");
  const [color, setColor] = useState(first);
  const options = { changes: TAG_KEYS, onDone: onClose, onError: () => true } as const;
  const make = useAct("post /tags", options);
  const change = useAct("patch /tags/{tagId}", options);
  const act = tag ? change : make;
  const taken = act.error?.code === "tag_taken" ? act.error : null;
  const clean = name.trim();
  const save = (): void => {
    if (!tag) make.mutate({ body: { name: clean, color } });
    else change.mutate({ path: { tagId: tag.id }, body: { ...(clean === tag.name ? {} : { name: clean }), ...(color === tag.color ? {} : { color }) } });
  };
  return (
    <ConfirmDialog
      title={tag ? t("tags.editWhich", { name: tag.name }) : t("tags.make")} action={t("action.save")} isWorking={act.isPending} isReady={clean !== "" && (tag === null || clean !== tag.name || color !== tag.color)} onClose={onClose} onConfirm={save}
    >
      <TextField
        fullWidth margin="dense" label={t("tags.name")} value={name} error={taken !== null} helperText={taken ? errorWords(taken) : " "} onChange={(event) => setName(event.target.value)}
        slotProps={{ htmlInput: { maxLength: MOST_LETTERS, autoComplete: "off", "data-testid": "tag-name" } }}
      />
      <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
        <legend>{t("tags.color")}</legend>
        <RadioGroup value={color} onChange={(_event, value) => setColor(Number(value))} sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(9.5rem, 1fr))" }}>
          {TAG_COLOURS.map((colour, place) => (
            <FormControlLabel key={colour} value={place} control={<Radio size="small" />} label={<Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 1 }}><Swatch colour={colour} />{t(`tags.colors.${place}` as MessageKey)}</Box>} />
          ))}
        </RadioGroup>
      </fieldset>
      {act.error && !taken ? <Alert severity="error">{errorWords(act.error)}</Alert> : null}
    </ConfirmDialog>
  );
}

function Swatch({ colour }: { readonly colour: string }) {
  return <Box component="span" aria-hidden sx={{ width: 14, height: 14, borderRadius: "50%", bgcolor: colour, border: 1, borderColor: "divider" }} />;
}
