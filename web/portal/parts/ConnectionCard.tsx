import { type ReactNode, useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Connection, Provider, SyncReply } from "#web/client/types.ts";
import { useData, useNow, useWho } from "../data.tsx";
import { type Language, useLanguage } from "../language.tsx";
import { deviceLines } from "../same.ts";
import { regionName, STATUS_NAMES } from "../words.ts";
import { SimulatedBadge } from "./ProviderCard.tsx";
import { ErrorNote } from "./States.tsx";

export interface ConnectionCardProps {
  readonly connection: Connection;
  readonly provider: Provider | undefined;
  readonly onReconnect: () => void;
  readonly onDisconnect: () => void;
}

const RECONNECTABLE = new Set<Connection["status"]>(["limited", "needs_reauthorization", "error", "revoked"]);

/** One connection: how it is, what it brought, and what can be done. */
export function ConnectionCard({ connection, provider, onReconnect, onDisconnect }: ConnectionCardProps) {
  const { t, f } = useLanguage();
  const titleId = `connection-${connection.id}`;
  return (
    <article className="card connection" aria-labelledby={titleId} data-testid={`connection-${connection.provider}`}>
      <div className="connection-head">
        <h3 id={titleId}>{connection.providerName}</h3>
        {connection.isSimulated ? <SimulatedBadge /> : null}
        <span className={`chip status status-${connection.status}`} data-testid="connection-status">
          {t(STATUS_NAMES[connection.status])}
        </span>
      </div>
      {connection.statusDetail ? <p className="note note-attention">{connection.statusDetail}</p> : null}
      {connection.missingScopes.length > 0 ? (
        <p className="note note-attention">
          {t("connections.missingScopes", { provider: connection.providerName, scopes: f.list(connection.missingScopes) })}
        </p>
      ) : null}
      {connection.backfillProgress < 1 && connection.status !== "disconnected" && connection.status !== "retired" ? (
        <label className="progress">
          <span>
            {t("connections.backfill")} · {f.percent(Math.floor(connection.backfillProgress * 100))}
          </span>
          <progress value={connection.backfillProgress} max={1} data-testid="backfill" />
        </label>
      ) : null}
      <ConnectionFacts connection={connection} provider={provider} />
      <SyncActions connection={connection}>
        {RECONNECTABLE.has(connection.status) ? (
          <button type="button" className="button button-primary" onClick={onReconnect} data-testid={`reconnect-${connection.provider}`}>
            {t("connections.reconnect")}
          </button>
        ) : null}
        <button type="button" className="button button-quiet" onClick={onDisconnect} data-testid={`disconnect-${connection.provider}`}>
          {t("connections.disconnect")}
        </button>
      </SyncActions>
    </article>
  );
}

function ConnectionFacts({ connection, provider }: { connection: Connection; provider: Provider | undefined }) {
  const { t, f } = useLanguage();
  const nowMs = useNow(15_000);
  const ago = (instant: string | null): string => (instant === null ? t("connections.never") : f.ago((nowMs - Date.parse(instant)) / 1000));
  // Only what the person chose; the operator's own settings (addresses) are not theirs to read.
  const chosen = (provider?.settings ?? []).flatMap(({ name }) => {
    const value = connection.settings[name];
    if (value === undefined) return [];
    const region = regionName(value);
    return [{ name: name === "region" ? t("setting.region") : name, value: region ? t(region) : value }];
  });
  return (
    <dl className="facts-table">
      <dt>{t("connections.lastSync")}</dt>
      <dd data-testid="last-sync">{ago(connection.lastSyncAt)}</dd>
      {connection.statusDetail !== null && connection.nextSyncAt !== null ? (
        <>
          <dt>{t("connections.nextTry")}</dt>
          <dd data-testid="next-try">{f.dateTime(Date.parse(connection.nextSyncAt))}</dd>
        </>
      ) : null}
      <dt>{t("connections.lastData")}</dt>
      <dd>{connection.lastDataAt === null ? t("connections.nothing") : ago(connection.lastDataAt)}</dd>
      <dt>{t("connections.since")}</dt>
      <dd>{f.date(Date.parse(connection.connectedAt))}</dd>
      {chosen.map(({ name, value }) => (
        <Fact key={name} name={name} value={value} />
      ))}
      {connection.devices.length > 0 ? <dt>{t("connections.devices")}</dt> : null}
      {deviceLines(connection.devices).map(({ name, lastDataMs }) => (
        <dd key={name}>{t("connections.deviceAt", { device: name, ago: f.ago((nowMs - lastDataMs) / 1000) })}</dd>
      ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** What a sync brought, in words. */
export function syncText(reply: SyncReply, { t, f }: Language): string {
  if (reply.outcome === "running") return t("connections.syncRunning");
  if (reply.outcome === "failed") return reply.detail ? `${t("connections.syncFailed")} ${reply.detail}` : t("connections.syncFailed");
  const { samples, sleeps, workouts, treatments } = reply.stored;
  const brought = [
    samples > 0 ? t("records.samples", { count: samples }) : null,
    sleeps > 0 ? t("records.sleeps", { count: sleeps }) : null,
    workouts > 0 ? t("records.workouts", { count: workouts }) : null,
    treatments > 0 ? t("records.treatments", { count: treatments }) : null,
  ].filter((text) => text !== null);
  return brought.length === 0 ? t("connections.syncNothing") : t("connections.syncDone", { what: f.list(brought) });
}

function SyncActions({ connection, children }: { connection: Connection; children: ReactNode }) {
  const language = useLanguage();
  const { t } = language;
  const { api, cache } = useData();
  const { patient } = useWho();
  const [isAsking, setIsAsking] = useState(false);
  const [reply, setReply] = useState<SyncReply | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const isBusy = isAsking || connection.isSyncing;
  const canSync = connection.status === "active" || connection.status === "limited" || connection.status === "error";

  const sync = async (): Promise<void> => {
    setIsAsking(true);
    setReply(null);
    setError(null);
    try {
      setReply(await api.sync(patient.id, connection.id));
    } catch (thrown) {
      setError(toApiError(thrown));
    }
    setIsAsking(false);
    cache.invalidate("all");
  };

  return (
    <>
      <div className="actions">
        {canSync ? (
          <button type="button" className="button" onClick={() => void sync()} disabled={isBusy} data-testid={`sync-${connection.provider}`}>
            {isBusy ? t("connections.syncing") : t("connections.sync")}
          </button>
        ) : null}
        {children}
      </div>
      <output className="sync-result" data-testid={`sync-result-${connection.provider}`}>
        {reply ? syncText(reply, language) : null}
      </output>
      {error ? <ErrorNote error={error} onRetry={() => void sync()} /> : null}
    </>
  );
}
