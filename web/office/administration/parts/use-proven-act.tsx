/** Acts that the server does only for somebody who has just proved to be there: where it asks for that, so does the page, and then does it. */
import { type ReactNode, useRef, useState } from "react";
import TextField from "@mui/material/TextField";
import type { ApiError } from "#web/client/errors.ts";
import type { Asked, OperationName, Reply } from "#web/client/operation-client.ts";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { useClient } from "../../session/staff.ts";

export interface ProvenAct<Name extends OperationName> {
  readonly run: (asked: Asked<Name>) => void;
  readonly isWorking: boolean;
  readonly error: ApiError | null;
  /** To be shown somewhere on the page. */
  readonly dialog: ReactNode;
}

interface Options<Name extends OperationName> {
  readonly changes?: readonly OperationName[];
  readonly onDone?: (reply: Reply<Name>) => void;
  /** True: dealt with. */
  readonly onError?: (error: ApiError) => boolean;
}

export function useProvenAct<Name extends OperationName>(name: Name, options: Options<Name> = {}): ProvenAct<Name> {
  const last = useRef<Asked<Name> | null>(null);
  const [waiting, setWaiting] = useState<Asked<Name> | null>(null);
  const act = useAct(name, {
    ...(options.changes ? { changes: options.changes } : {}), ...(options.onDone ? { onDone: options.onDone } : {}),
    onError: (error) => {
      if (error.code !== "proof_required") return options.onError?.(error) ?? false;
      setWaiting(last.current);
      return true;
    },
  });
  const run = (asked: Asked<Name>): void => {
    last.current = asked;
    act.mutate(asked);
  };
  const onProved = (): void => {
    setWaiting(null);
    if (waiting) act.mutate(waiting);
  };
  return {
    run, isWorking: act.isPending, error: act.error?.code === "proof_required" ? null : act.error,
    dialog: waiting ? <ProofDialog onProved={onProved} onClose={() => setWaiting(null)} /> : null,
  };
}

function ProofDialog({ onProved, onClose }: { readonly onProved: () => void; readonly onClose: () => void }) {
  const t = useWords();
  const { requester } = useClient();
  const [password, setPassword] = useState("");
  const [isWrong, setIsWrong] = useState(false);
  const prove = useAct("post /session/proof", {
    changes: [],
    onDone: ({ csrfToken }) => {
      requester.setCsrfToken(csrfToken);
      onProved();
    },
    onError: ({ code }) => {
      setIsWrong(code === "wrong_password");
      return code === "wrong_password";
    },
  });
  return (
    <ConfirmDialog title={t("administration.proof")} action={t("action.confirm")} isWorking={prove.isPending} isReady={password !== ""} onClose={onClose} onConfirm={() => prove.mutate({ body: { password } })}>
      <p>{t("administration.proofLead")}</p>
      <TextField
        fullWidth type="password" label={t("administration.password")} value={password} error={isWrong} helperText={isWrong ? t("administration.wrongPassword") : " "}
        onChange={(event) => setPassword(event.target.value)} slotProps={{ htmlInput: { autoComplete: "current-password", "data-testid": "proof-password" } }}
      />
    </ConfirmDialog>
  );
}
