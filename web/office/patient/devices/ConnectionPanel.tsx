import { useState } from "react";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import CopyIcon from "@mui/icons-material/ContentCopy";
import SyncIcon from "@mui/icons-material/Sync";
import { useNotify } from "ra-core";
import { useNow } from "#web/portal/data.tsx";
import { useLanguage } from "#web/portal/language.tsx";
import { STATUS_NAMES } from "#web/portal/words.ts";
import { useAct } from "../../data/queries.ts";
import { useWords } from "../../messages/words.ts";
import { Instant } from "../../parts/Instant.tsx";
import { Panel } from "../Panel.tsx";
import { usePatient } from "../patient.ts";
import { canSync, type ConnectionShown, dataSpan, deviceGroups, needsPatient, serialEnd, type SourceRulesShown } from "./device-facts.ts";

export interface ConnectionPanelProps {
  readonly connection: ConnectionShown;
  readonly rules: SourceRulesShown | undefined;
}

export function ConnectionPanel({ connection, rules }: ConnectionPanelProps) {
  const t = useWords();
  const { t: name } = useLanguage();
  const { zone, f } = usePatient();
  const nowMs = useNow(60_000);
  const { providerName, status, statusDetail, isSyncing, lastSyncAt, devices, backfillProgress } = connection;
  const span = dataSpan(connection.id, rules);
  const isWell = status === "active";
  return (
    <Panel title={providerName} testId={`connection-${connection.provider}`} aside={<Chip size="small" color={isWell ? "success" : needsPatient(connection) || status === "error" ? "error" : "warning"} variant="outlined" label={name(STATUS_NAMES[status])} />}>
      {statusDetail === null ? null : <Alert severity={isWell ? "info" : "warning"} sx={{ mb: 1 }}>{statusDetail}</Alert>}
      <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "auto minmax(0, 1fr)", columnGap: 2, rowGap: 0.5, m: 0, "& dt": { color: "text.secondary" }, "& dd": { m: 0 } }}>
        <dt>{t("patient.deviceSync")}</dt>
        <dd>{isSyncing ? t("patient.deviceSyncing") : lastSyncAt === null ? t("patient.deviceNever") : <>{f.ago((nowMs - Date.parse(lastSyncAt)) / 1000)} · <Instant at={lastSyncAt} zone={zone} /></>}</dd>
        <dt>{t("patient.deviceSpan")}</dt>
        <dd>{span === null ? t("patient.deviceNoData") : <><Instant at={span.first} zone={zone} show="date" /> – <Instant at={span.last} zone={zone} /></>}</dd>
        {backfillProgress < 1 ? <><dt>{t("patient.deviceBackfill")}</dt><dd>{f.percent(backfillProgress * 100)}</dd></> : null}
        <dt>{t("patient.deviceConnected")}</dt>
        <dd><Instant at={connection.connectedAt} zone={zone} show="date" /></dd>
      </Box>
      {devices.length === 0 ? null : (
        <>
          <Typography component="h3" variant="subtitle2" sx={{ mt: 1 }}>{t("patient.deviceList")}</Typography>
          <ul>
            {deviceGroups(devices).map(({ name: model, newest, count }) => (
              <li key={newest.id}>
                {model ?? t("patient.deviceUnnamed")} · {t("patient.deviceSerial", { end: serialEnd(newest.id) })} · {t("patient.deviceLast")} <Instant at={newest.lastDataAt} zone={zone} />
                {count === 1 ? null : <Typography component="span" variant="body2" color="textSecondary"> {t("patient.deviceBefore", { smart_count: count - 1, count: f.number(count - 1) })}</Typography>}
              </li>
            ))}
          </ul>
        </>
      )}
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, mt: 1 }}>
        <SyncButton connection={connection} />
        {needsPatient(connection) || status === "error" ? <AskToReconnect providerName={providerName} /> : null}
      </Box>
    </Panel>
  );
}

/** Only for those who manage for the patient: others would be refused. */
function SyncButton({ connection }: { readonly connection: ConnectionShown }) {
  const t = useWords();
  const notify = useNotify();
  const { patient, path } = usePatient();
  const sync = useAct("post /patients/{patientId}/connections/{connectionId}/sync", {
    onDone: ({ outcome, detail }) => {
      const words = outcome === "failed" ? (detail ?? t("patient.deviceSyncFailed")) : t(outcome === "running" ? "patient.deviceSyncGoesOn" : "patient.deviceSyncDone");
      notify(words, { type: outcome === "failed" ? "error" : "info", messageArgs: { _: words } });
    },
  });
  if (patient.access.scope !== "manage" || !canSync(connection)) return null;
  return <Button size="small" variant="outlined" startIcon={<SyncIcon />} loading={sync.isPending || connection.isSyncing} onClick={() => sync.mutate({ path: { ...path, connectionId: connection.id } })} data-testid={`sync-${connection.provider}`}>{t("patient.deviceSyncNow")}</Button>;
}

/** A text for the patient, in the clinician's language, to send by whatever way the two use. */
function AskToReconnect({ providerName }: { readonly providerName: string }) {
  const t = useWords();
  const { patient } = usePatient();
  const [state, setState] = useState<"closed" | "open" | "copied">("closed");
  const text = t("patient.reconnectText", { name: patient.displayName, vendor: providerName, address: `${location.origin}/connections` });
  if (state === "closed") return <Button size="small" variant="outlined" onClick={() => setState("open")} data-testid="reconnect">{t("patient.reconnect")}</Button>;
  // Where the browser refuses the clipboard the text is there to be selected.
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setState("copied"), () => setState("open"));
  return (
    <Box sx={{ width: "100%" }}>
      <TextField fullWidth multiline label={t("patient.reconnect")} value={text} slotProps={{ htmlInput: { readOnly: true, "data-testid": "reconnect-text" } }} />
      <Button size="small" startIcon={<CopyIcon />} onClick={copy}>{t(state === "copied" ? "patient.reconnectCopied" : "patient.reconnectCopy")}</Button>
    </Box>
  );
}
