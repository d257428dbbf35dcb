/** What is done to several patients at once: putting tags on and taking them off, which can be undone. */
import { useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Paper from "@mui/material/Paper";
import Snackbar from "@mui/material/Snackbar";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useAct, useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { Loaded } from "../parts/Loaded.tsx";
import { TagChip } from "./cells.tsx";
import { LIST_KEYS, type PatientLine } from "./use-patients.ts";

type Tag = PatientLine["tags"][number];

interface Done {
  readonly tag: Tag;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function BulkBar({ selected, onClear }: { readonly selected: ReadonlySet<string>; readonly onClear: () => void }) {
  const t = useWords();
  const [isTagging, setTagging] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const act = useAct("post /tags/{tagId}/patients", { changes: LIST_KEYS });
  const tag = (which: Tag, change: { add: string[]; remove: string[] }): void => act.mutate({ path: { tagId: which.id }, body: change }, {
    onSuccess: ({ added, removed }) => {
      setDone({ tag: which, added, removed });
      setTagging(false);
    },
  });
  const undo = (): void => {
    if (done) act.mutate({ path: { tagId: done.tag.id }, body: { add: [...done.removed], remove: [...done.added] } }, { onSuccess: () => setDone(null) });
  };
  return (
    <>
      {selected.size === 0 ? null : (
        <Paper variant="outlined" component="section" aria-live="polite" sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1, p: 1, mb: 1 }} data-testid="bulk">
          <Typography sx={{ flexGrow: 1 }}>{t("patients.selected", { smart_count: selected.size })}</Typography>
          <Button variant="contained" onClick={() => setTagging(true)} data-testid="bulk-tag">{t("patients.tagSelected")}</Button>
          <Button onClick={onClear}>{t("patients.unselect")}</Button>
        </Paper>
      )}
      {isTagging ? <TagDialog patients={[...selected]} isWorking={act.isPending} onTag={tag} onClose={() => setTagging(false)} /> : null}
      <Snackbar
        open={done !== null} onClose={(_event, reason) => (reason === "clickaway" ? undefined : setDone(null))} autoHideDuration={10_000}
        message={done ? t("patients.tagged", { tag: done.tag.name, added: done.added.length, removed: done.removed.length }) : ""} action={<Button color="inherit" size="small" onClick={undo}>{t("action.undo")}</Button>}
      />
    </>
  );
}

interface TagDialogProps {
  readonly patients: readonly string[];
  readonly isWorking: boolean;
  readonly onTag: (tag: Tag, change: { add: string[]; remove: string[] }) => void;
  readonly onClose: () => void;
}

function TagDialog({ patients, isWorking, onTag, onClose }: TagDialogProps) {
  const t = useWords();
  const tags = useOperation("get /tags", {});
  const [name, setName] = useState("");
  const make = useAct("post /tags", { changes: ["get /tags"], onDone: () => setName("") });
  return (
    <Dialog open onClose={onClose} aria-labelledby="tag-title" fullWidth maxWidth="sm">
      <DialogTitle id="tag-title">{t("patients.tagDialog", { smart_count: patients.length })}</DialogTitle>
      <DialogContent>
        <Loaded query={tags}>
          {({ data }) => data.length === 0 ? <Typography color="text.secondary">{t("patients.noTags")}</Typography> : (
            <Box component="ul" sx={{ listStyle: "none", p: 0, m: 0, display: "grid", gap: 1 }}>
              {data.map((tag) => (
                <Box component="li" key={tag.id} sx={{ display: "flex", alignItems: "center", gap: 1 }}>
                  <Box sx={{ flexGrow: 1, minWidth: 0 }}><TagChip tag={tag} /></Box>
                  <Button size="small" disabled={isWorking} aria-label={`${t("patients.tagAdd")}: ${tag.name}`} onClick={() => onTag(tag, { add: [...patients], remove: [] })}>{t("patients.tagAdd")}</Button>
                  <Button size="small" disabled={isWorking} aria-label={`${t("patients.tagRemove")}: ${tag.name}`} onClick={() => onTag(tag, { add: [], remove: [...patients] })}>{t("patients.tagRemove")}</Button>
                </Box>
              ))}
            </Box>
          )}
        </Loaded>
        <Box component="form" sx={{ display: "flex", gap: 1, alignItems: "center", mt: 2 }} onSubmit={(event) => {
          event.preventDefault();
          make.mutate({ body: { name: name.trim(), color: (tags.data?.data.length ?? 0) % 12 } });
        }}>
          <TextField size="small" label={t("patients.newTag")} value={name} onChange={(event) => setName(event.target.value)} slotProps={{ htmlInput: { maxLength: 40 } }} />
          <Button type="submit" disabled={name.trim() === "" || make.isPending}>{t("patients.makeTag")}</Button>
        </Box>
      </DialogContent>
      <DialogActions><Button onClick={onClose}>{t("action.close")}</Button></DialogActions>
    </Dialog>
  );
}
