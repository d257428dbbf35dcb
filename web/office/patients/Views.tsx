/** Views: filters, days and order that somebody saved in this browser under a name of their own; and which columns are shown. */
import { type FormEvent, useState } from "react";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import IconButton from "@mui/material/IconButton";
import ListItemText from "@mui/material/ListItemText";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import RemoveIcon from "@mui/icons-material/DeleteOutlined";
import { useStore } from "ra-core";
import { useWords } from "../messages/words.ts";
import { COLUMNS } from "./cells.tsx";
import { viewOf } from "./query.ts";

export interface SavedView {
  readonly name: string;
  /** As in the address. */
  readonly query: string;
}

const MOST_VIEWS = 20;

export function useColumns(): [readonly string[], (shown: readonly string[]) => void] {
  const [shown, setShown] = useStore<readonly string[]>("preferences.patients.columns", COLUMNS.filter(({ isShownAtFirst }) => isShownAtFirst).map(({ id }) => id));
  return [shown, setShown];
}

export function ColumnsButton() {
  const t = useWords();
  const [shown, setShown] = useColumns();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const toggle = (id: string): void => setShown(shown.includes(id) ? shown.filter((each) => each !== id) : COLUMNS.map((column) => column.id).filter((each) => each === id || shown.includes(each)));
  return (
    <>
      <Button onClick={(event) => setAnchor(event.currentTarget)} aria-haspopup="menu" data-testid="columns">{t("patients.columns")}</Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        {COLUMNS.map(({ id, label }) => (
          <MenuItem key={id} dense role="menuitemcheckbox" aria-checked={shown.includes(id)} onClick={() => toggle(id)}>
            <Checkbox edge="start" size="small" checked={shown.includes(id)} tabIndex={-1} slotProps={{ input: { "aria-hidden": true } }} />
            <ListItemText primary={t(label)} />
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

export function ViewsButton({ address, onChange }: { readonly address: URLSearchParams; readonly onChange: (next: URLSearchParams) => void }) {
  const t = useWords();
  const [views, setViews] = useStore<readonly SavedView[]>("patients.savedQueries", []);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isNaming, setNaming] = useState(false);
  return (
    <>
      <Button onClick={(event) => setAnchor(event.currentTarget)} aria-haspopup="menu" data-testid="views">{t("patients.views")}</Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        {views.map((view) => (
          <MenuItem key={view.name} onClick={() => {
            setAnchor(null);
            onChange(new URLSearchParams(view.query));
          }}>
            <ListItemText primary={view.name} />
            <IconButton size="small" edge="end" aria-label={t("patients.removeView", { name: view.name })} onClick={(event) => {
              event.stopPropagation();
              setViews(views.filter(({ name }) => name !== view.name));
            }}>
              <RemoveIcon fontSize="small" />
            </IconButton>
          </MenuItem>
        ))}
        <MenuItem disabled={views.length >= MOST_VIEWS} onClick={() => {
          setAnchor(null);
          setNaming(true);
        }}>{t("patients.saveView")}</MenuItem>
      </Menu>
      {isNaming ? <NameDialog onClose={() => setNaming(false)} onSave={(name) => setViews([...views.filter((view) => view.name !== name), { name, query: viewOf(address) }])} /> : null}
    </>
  );
}

function NameDialog({ onClose, onSave }: { readonly onClose: () => void; readonly onSave: (name: string) => void }) {
  const t = useWords();
  const [name, setName] = useState("");
  const save = (event: FormEvent): void => {
    event.preventDefault();
    onSave(name.trim());
    onClose();
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby="view-title" fullWidth maxWidth="xs">
      <form onSubmit={save}>
        <DialogTitle id="view-title">{t("patients.saveView")}</DialogTitle>
        <DialogContent>
          <TextField fullWidth margin="dense" label={t("patients.viewName")} helperText={t("patients.viewNameHelp")} value={name} onChange={(event) => setName(event.target.value)} slotProps={{ htmlInput: { maxLength: 40 } }} />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="contained" disabled={name.trim() === ""}>{t("action.save")}</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
