/** The clinic's tags on the patient, put on and taken off here. */
import { useState } from "react";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { useAct, useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { TagChip } from "../../patients/cells.tsx";
import { usePatient } from "../patient.ts";

const CHANGED = ["get /patients/{patientId}/tags", "get /clinic/patients", "post /clinic/patients/search"] as const;

export function TagsFact() {
  const t = useWords();
  const { path } = usePatient();
  const [isOpen, setOpen] = useState(false);
  const query = useOperation("get /patients/{patientId}/tags", { path });
  return (
    <Loaded query={query} skeleton={<Skeleton width={140} height={30} />}>
      {({ data }) => (
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 0.5, alignItems: "center" }} data-testid="patient-tags">
          {data.length === 0 ? <Typography component="span" color="textSecondary">{t("patient.tagsNone")}</Typography> : data.map((tag) => <TagChip key={tag.id} tag={tag} />)}
          <Button size="small" onClick={() => setOpen(true)} data-testid="tags-change">{t("patient.tagsChange")}</Button>
          {isOpen ? <TagsDialog on={new Set(data.map(({ id }) => id))} onClose={() => setOpen(false)} /> : null}
        </Box>
      )}
    </Loaded>
  );
}

/** Each tick is done at once, and undone by the same tick. */
function TagsDialog({ on, onClose }: { readonly on: ReadonlySet<string>; readonly onClose: () => void }) {
  const t = useWords();
  const { patient } = usePatient();
  const tags = useOperation("get /tags", {});
  const change = useAct("post /tags/{tagId}/patients", { changes: CHANGED });
  const toggle = (tagId: string, isOn: boolean): void => change.mutate({ path: { tagId }, body: isOn ? { add: [patient.id] } : { remove: [patient.id] } });
  return (
    <Dialog open onClose={onClose} aria-labelledby="tags-title" fullWidth maxWidth="xs">
      <DialogTitle id="tags-title">{t("patient.tagsTitle", { name: patient.displayName })}</DialogTitle>
      <DialogContent>
        <Loaded query={tags}>
          {({ data }) => data.length === 0 ? <Typography color="textSecondary">{t("patient.tagsNoneYet")}</Typography> : (
            <Box component="ul" sx={{ listStyle: "none", p: 0, m: 0 }}>
              {data.map((tag) => (
                <li key={tag.id}>
                  <FormControlLabel control={<Checkbox checked={on.has(tag.id)} disabled={change.isPending} onChange={(_, isOn) => toggle(tag.id, isOn)} slotProps={{ input: { "data-testid": `tag-${tag.name}` } as object }} />} label={<TagChip tag={tag} />} />
                </li>
              ))}
            </Box>
          )}
        </Loaded>
      </DialogContent>
      <DialogActions><Button onClick={onClose} data-testid="tags-close">{t("action.close")}</Button></DialogActions>
    </Dialog>
  );
}
