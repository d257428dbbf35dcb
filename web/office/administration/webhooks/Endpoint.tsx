/** One system that is told of changes: how it does, what can be done with it, and what it was sent. */
import { type ReactNode, useState } from "react";
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { Link, useNavigate } from "react-router-dom";
import type { WebhookEndpoint } from "#web/client/operations.d.ts";
import { useAct, useOperation } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { ConfirmDialog } from "../../parts/ConfirmDialog.tsx";
import { Instant } from "../../parts/Instant.tsx";
import { Loaded } from "../../parts/Loaded.tsx";
import { PageTitle } from "../../parts/PageTitle.tsx";
import { ShownOnce } from "../parts/ShownOnce.tsx";
import { useProvenAct } from "../parts/use-proven-act.tsx";
import { Deliveries } from "./Deliveries.tsx";
import { EndpointForm } from "./EndpointForm.tsx";
import { EndpointState } from "./EndpointState.tsx";

const LOG = "get /webhook-endpoints/{endpointId}/deliveries";

export function Endpoint({ endpointId }: { readonly endpointId: string }) {
  const t = useWords();
  const query = useOperation("get /webhook-endpoints/{endpointId}", { path: { endpointId } });
  return (
    <>
      <Button component={Link} to="/administration/webhooks" size="small" sx={{ mt: 1, alignSelf: "flex-start" }}>{t("webhooks.back")}</Button>
      <Loaded query={query}>{(endpoint) => <Shown endpoint={endpoint} />}</Loaded>
    </>
  );
}

function Shown({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const t = useWords();
  const navigate = useNavigate();
  const [isEditing, setIsEditing] = useState(false);
  const [isRemoving, setIsRemoving] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const path = { endpointId: endpoint.id };
  const changes = ["get /webhook-endpoints", "get /webhook-endpoints/{endpointId}", LOG] as const;
  const change = useAct("patch /webhook-endpoints/{endpointId}", { changes });
  const trial = useAct("post /webhook-endpoints/{endpointId}/trial", { changes: [LOG] });
  const rotate = useProvenAct("post /webhook-endpoints/{endpointId}/secret", { changes, onDone: (made) => setSecret(made.secret) });
  const remove = useAct("delete /webhook-endpoints/{endpointId}", { changes: ["get /webhook-endpoints"], onDone: () => void navigate("/administration/webhooks") });
  return (
    <>
      <PageTitle title={endpoint.description || new URL(endpoint.url).host} sub={<EndpointState endpoint={endpoint} />}>
        <Button variant="contained" disabled={endpoint.state !== "active" || trial.isPending} onClick={() => trial.mutate({ path })} data-testid="trial">{t("webhooks.trial")}</Button>
        <Button variant="outlined" disabled={change.isPending} onClick={() => change.mutate({ path, body: { state: endpoint.state === "active" ? "paused" : "active" } })} data-testid="pause">
          {t(endpoint.state === "active" ? "webhooks.pause" : "webhooks.resume")}
        </Button>
        <Button variant="outlined" onClick={() => setIsEditing(true)} data-testid="edit-endpoint">{t("action.edit")}</Button>
        <Button variant="outlined" disabled={rotate.isWorking} onClick={() => rotate.run({ path })}>{t("webhooks.rotate")}</Button>
        <Button variant="outlined" color="error" onClick={() => setIsRemoving(true)}>{t("webhooks.remove")}</Button>
      </PageTitle>
      {endpoint.state === "disabled" ? <Alert severity="error" sx={{ mb: 2 }}>{t("webhooks.disabledLead")}</Alert> : null}
      <Paper variant="outlined" sx={{ p: 2, mb: 3 }}>
        <Stack component="dl" sx={{ m: 0, gap: 0.5 }}>
          <Fact name={t("webhooks.address")}><span style={{ overflowWrap: "anywhere" }}>{endpoint.url}</span></Fact>
          <Fact name={t("webhooks.kinds")}>{endpoint.kinds.map((kind) => t(`kind.${kind}`)).join(", ")}</Fact>
          {endpoint.failingSince === null ? null : <Fact name={t("webhooks.failingSince")}><Instant at={endpoint.failingSince} /></Fact>}
          {endpoint.oldSecretUntil === null ? null : <Fact name={t("webhooks.oldSecret")}><Instant at={endpoint.oldSecretUntil} /></Fact>}
        </Stack>
      </Paper>
      <Deliveries endpointId={endpoint.id} />
      {isEditing ? <EndpointForm endpoint={endpoint} onClose={() => setIsEditing(false)} onDone={() => setIsEditing(false)} /> : null}
      {rotate.dialog}
      {secret === null ? null : <ShownOnce title={t("webhooks.secretTitle")} lead={t("webhooks.rotatedLead")} secret={secret} onClose={() => setSecret(null)} />}
      {isRemoving ? (
        <ConfirmDialog title={t("webhooks.remove")} action={t("webhooks.remove")} isGrave isWorking={remove.isPending} onClose={() => setIsRemoving(false)} onConfirm={() => remove.mutate({ path })}>
          <p>{t("webhooks.removeLead")}</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <Typography component="dt" variant="body2" color="textSecondary">{name}</Typography>
      <Typography component="dd" sx={{ m: 0 }}>{children}</Typography>
    </div>
  );
}
