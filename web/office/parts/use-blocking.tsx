/** Blocks an account, or lets it in again: asked first in words of what it does, and taken back at once by who has erred. For admins. */
import { type ReactNode, useState } from "react";
import Button from "@mui/material/Button";
import Snackbar from "@mui/material/Snackbar";
import type { OperationName } from "#web/client/operation-client.ts";
import { useAct } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";
import { ConfirmDialog } from "./ConfirmDialog.tsx";

export interface Account {
  readonly userId: string;
  readonly name: string;
  readonly isBlocked: boolean;
}

/** What shows whether an account is blocked. */
const CHANGES: readonly OperationName[] = ["get /users", "post /users/search", "get /clinic/patients", "get /clinic/attention"];

export interface Blocking {
  readonly ask: (account: Account) => void;
  /** To be shown somewhere on the page. */
  readonly parts: ReactNode;
}

export function useBlocking(): Blocking {
  const t = useWords();
  const [asked, setAsked] = useState<Account | null>(null);
  const [done, setDone] = useState<Account | null>(null);
  const block = useAct("post /users/{id}/block", { changes: CHANGES });
  const unblock = useAct("post /users/{id}/unblock", { changes: CHANGES });
  const turn = (account: Account, onDone: () => void): void => (account.isBlocked ? unblock : block).mutate({ path: { id: account.userId } }, { onSuccess: onDone });
  const confirm = (account: Account): void => turn(account, () => {
    setAsked(null);
    setDone({ ...account, isBlocked: !account.isBlocked });
  });
  const parts = (
    <>
      {asked ? (
        <ConfirmDialog
          title={t(asked.isBlocked ? "accounts.unblockWhom" : "accounts.blockWhom", { name: asked.name })} action={t(asked.isBlocked ? "accounts.unblock" : "accounts.block")} isGrave={!asked.isBlocked}
          isWorking={block.isPending || unblock.isPending} onConfirm={() => confirm(asked)} onClose={() => setAsked(null)}
        >
          <p>{t(asked.isBlocked ? "accounts.unblockLead" : "accounts.blockLead")}</p>
        </ConfirmDialog>
      ) : null}
      <Snackbar
        open={done !== null} autoHideDuration={10_000} onClose={(_event, reason) => (reason === "clickaway" ? undefined : setDone(null))}
        message={done ? t(done.isBlocked ? "accounts.isBlockedNow" : "accounts.isUnblockedNow", { name: done.name }) : ""}
        action={done ? <Button color="inherit" size="small" onClick={() => turn(done, () => setDone(null))} data-testid="blocking-undo">{t("action.undo")}</Button> : null}
      />
    </>
  );
  return { ask: setAsked, parts };
}
