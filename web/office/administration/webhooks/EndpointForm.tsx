/** One more system to tell, or another word on one that there is: where it is, and of what. */
import { useState } from "react";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import TextField from "@mui/material/TextField";
import type { WebhookEndpoint } from "#web/client/operations.d.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { useErrorWords } from "../../parts/error-words.ts";
import { useProvenAct } from "../parts/use-proven-act.tsx";
import { KINDS, type Kind } from "./kinds.ts";

const CHANGES = ["get /webhook-endpoints", "get /webhook-endpoints/{endpointId}"] as const;

export interface EndpointFormProps {
  /** Null: a new one. */
  readonly endpoint: WebhookEndpoint | null;
  readonly onClose: () => void;
  /** With the secret of a new one. */
  readonly onDone: (secret: string | null) => void;
}

export function EndpointForm({ endpoint, onClose, onDone }: EndpointFormProps) {
  const t = useWords();
  const errorWords = useErrorWords();
  const [url, setUrl] = useState(endpoint?.url ?? "");
  const [description, setDescription] = useState(endpoint?.description ?? "");
  const [kinds, setKinds] = useState<readonly Kind[]>(endpoint?.kinds ?? ["samples"]);
  const add = useProvenAct("post /webhook-endpoints", { changes: CHANGES, onDone: ({ secret }) => onDone(secret), onError: () => true });
  const change = useProvenAct("patch /webhook-endpoints/{endpointId}", { changes: CHANGES, onDone: () => onDone(null), onError: () => true });
  const { isWorking, error, dialog } = endpoint ? change : add;
  const save = (): void => {
    const told = { description: description.trim(), kinds: [...kinds] };
    if (!endpoint) add.run({ body: { url: url.trim(), ...told } });
    // Another address needs a fresh proof; another name does not.
    else change.run({ path: { endpointId: endpoint.id }, body: { ...told, ...(url.trim() === endpoint.url ? {} : { url: url.trim() }) } });
  };
  return (
    <>
      <ConfirmDialog title={t(endpoint ? "webhooks.edit" : "webhooks.add")} action={t(endpoint ? "action.save" : "action.add")} isWorking={isWorking} isReady={url.trim() !== "" && kinds.length > 0} onClose={onClose} onConfirm={save}>
        <p>{t("webhooks.addLead")}</p>
        <TextField
          fullWidth margin="dense" label={t("webhooks.address")} placeholder="https://" value={url} error={error !== null} helperText={error ? errorWords(error) : " "} onChange={(event) => setUrl(event.target.value)}
          slotProps={{ htmlInput: { inputMode: "url", autoComplete: "off", "data-testid": "endpoint-url" } }}
        />
        <TextField fullWidth margin="dense" label={t("webhooks.description")} value={description} onChange={(event) => setDescription(event.target.value)} slotProps={{ htmlInput: { maxLength: 200, "data-testid": "endpoint-description" } }} />
        <fieldset style={{ border: 0, padding: 0, margin: "8px 0" }}>
          <legend>{t("webhooks.kinds")}</legend>
          {KINDS.map((kind) => (
            <FormControlLabel
              key={kind} label={t(`kind.${kind}`)}
              control={<Checkbox checked={kinds.includes(kind)} onChange={(event) => setKinds(event.target.checked ? [...kinds, kind] : kinds.filter((each) => each !== kind))} />}
            />
          ))}
        </fieldset>
      </ConfirmDialog>
      {dialog}
    </>
  );
}
