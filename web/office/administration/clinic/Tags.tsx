/** The clinic's own words for its patients: how many carry each; made, renamed, recoloured, deleted. */
import { useState } from "react";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import { Link as RouterLink } from "react-router-dom";
import { useAct, useOperation } from "../../data/queries.ts";
import { useFormatter, useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { useErrorWords } from "../../parts/error-words.ts";
import { Loaded } from "../../parts/Loaded.tsx";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { TAG_COLOURS, TagChip } from "../../patients/cells.tsx";
import { Empty } from "../parts/Empty.tsx";
import { ScrollTable } from "../parts/ScrollTable.tsx";
import { type Tag, TAG_KEYS } from "./tag.ts";
import { TagForm } from "./TagForm.tsx";

type Open = { readonly kind: "make" } | { readonly kind: "edit" | "delete"; readonly tag: Tag } | null;

export function Tags() {
  const t = useWords();
  const [open, setOpen] = useState<Open>(null);
  const query = useOperation("get /tags", {});
  const close = (): void => setOpen(null);
  return (
    <>
      <PageTitle title={t("tags.title")} sub={t("tags.lead")}>
        <Button variant="contained" disabled={query.data === undefined} onClick={() => setOpen({ kind: "make" })} data-testid="make-tag">{t("tags.make")}</Button>
      </PageTitle>
      <Loaded query={query}>
        {({ data }) => data.length === 0 ? <Empty text={t("tags.none")} /> : (
          <ScrollTable label={t("tags.title")} columns={[t("tags.tag"), t("tags.patients"), t("administration.actions")]}>
            {data.map((tag) => <TagRow key={tag.id} tag={tag} onOpen={(kind) => setOpen({ kind, tag })} />)}
          </ScrollTable>
        )}
      </Loaded>
      {open?.kind === "make" ? <TagForm tag={null} color={(query.data?.data.length ?? 0) % TAG_COLOURS.length} onClose={close} /> : null}
      {open?.kind === "edit" ? <TagForm tag={open.tag} color={open.tag.color} onClose={close} /> : null}
      {open?.kind === "delete" ? <Remove tag={open.tag} onClose={close} /> : null}
    </>
  );
}

function TagRow({ tag, onOpen }: { readonly tag: Tag; readonly onOpen: (kind: "edit" | "delete") => void }) {
  const t = useWords();
  const f = useFormatter();
  return (
    <TableRow data-testid="tag">
      <TableCell component="th" scope="row"><TagChip tag={tag} /></TableCell>
      <TableCell>{f.number(tag.patients)}</TableCell>
      <TableCell>
        <Stack direction="row" sx={{ flexWrap: "wrap" }}>
          <Button size="small" onClick={() => onOpen("edit")} aria-label={t("tags.editWhich", { name: tag.name })}>{t("action.edit")}</Button>
          <Button size="small" color="error" onClick={() => onOpen("delete")} aria-label={t("tags.deleteWhich", { name: tag.name })}>{t("action.delete")}</Button>
          {tag.patients === 0 ? null : <Button size="small" component={RouterLink} to={`/patients?tags=${tag.id}`} aria-label={t("tags.showWhich", { name: tag.name })}>{t("tags.show")}</Button>}
        </Stack>
      </TableCell>
    </TableRow>
  );
}

function Remove({ tag, onClose }: { readonly tag: Tag; readonly onClose: () => void }) {
  const t = useWords();
  const errorWords = useErrorWords();
  const act = useAct("delete /tags/{tagId}", { changes: TAG_KEYS, onDone: onClose, onError: () => true });
  return (
    <ConfirmDialog title={t("tags.deleteWhich", { name: tag.name })} action={t("action.delete")} isGrave isWorking={act.isPending} onClose={onClose} onConfirm={() => act.mutate({ path: { tagId: tag.id } })}>
      <p>{tag.patients === 0 ? t("tags.deleteNobody") : t("tags.deleteLead", { smart_count: tag.patients })}</p>
      {act.error ? <Alert severity="error">{errorWords(act.error)}</Alert> : null}
    </ConfirmDialog>
  );
}
