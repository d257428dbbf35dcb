/** Keys of everybody's apps: whose, what they open, when they were used last; never the key. */
import { useState } from "react";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import TableCell from "@mui/material/TableCell";
import TableRow from "@mui/material/TableRow";
import { useAct } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { ConfirmDialog } from "../parts/ConfirmDialog.tsx";
import { Instant } from "../parts/Instant.tsx";
import { PageTitle } from "../parts/PageTitle.tsx";
import { PagedTable } from "./parts/PagedTable.tsx";
import { type Line, usePages } from "./parts/use-pages.ts";

type Key = Line<"get /organization/api-keys">;

export function Keys() {
  const t = useWords();
  const [revoking, setRevoking] = useState<Key | null>(null);
  const pages = usePages("get /organization/api-keys", {});
  const revoke = useAct("delete /organization/api-keys/{keyId}", { changes: ["get /organization/api-keys"], onDone: () => setRevoking(null) });
  return (
    <>
      <PageTitle title={t("keys.title")} sub={t("keys.lead")} />
      <PagedTable
        pages={pages} label={t("keys.title")} empty={t("keys.none")} columns={[t("keys.name"), t("keys.owner"), t("keys.scopes"), t("keys.lastUsed"), t("keys.expires"), t("administration.actions")]}
        renderRow={(key) => (
          <TableRow key={key.id} data-testid="key">
            <TableCell component="th" scope="row">{key.name}</TableCell>
            <TableCell>{key.owner.name}</TableCell>
            <TableCell>
              {key.scopes.map((scope) => <Chip key={scope} size="small" color={scope === "admin" ? "warning" : "default"} label={scope} sx={{ mr: 0.5 }} />)}
              {key.isOwnOnly ? <Chip size="small" variant="outlined" label={t("keys.ownOnly")} /> : null}
            </TableCell>
            <TableCell>{key.lastUsedAt === null ? t("keys.neverUsed") : <Instant at={key.lastUsedAt} />}</TableCell>
            <TableCell><Instant at={key.expiresAt} show="yearDate" /></TableCell>
            <TableCell><Button size="small" color="error" onClick={() => setRevoking(key)} aria-label={t("keys.revokeWhich", { name: key.name, owner: key.owner.name })}>{t("keys.revoke")}</Button></TableCell>
          </TableRow>
        )}
      />
      {revoking ? (
        <ConfirmDialog
          title={t("keys.revokeWhich", { name: revoking.name, owner: revoking.owner.name })} action={t("keys.revoke")} isGrave isWorking={revoke.isPending} onClose={() => setRevoking(null)}
          onConfirm={() => revoke.mutate({ path: { keyId: revoking.id } })}
        >
          <p>{t("keys.revokeLead")}</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
