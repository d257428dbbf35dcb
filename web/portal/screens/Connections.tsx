import { useEffect, useState } from "react";
import type { Connection, Provider } from "#web/client/types.ts";
import { useData, useResource, useWho } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import type { MessageKey } from "../messages/translate.ts";
import { ConnectDialog } from "../parts/ConnectDialog.tsx";
import { ConnectionCard } from "../parts/ConnectionCard.tsx";
import { type DataChoice, DisconnectDialog } from "../parts/DisconnectDialog.tsx";
import { PageHead } from "../parts/PageHead.tsx";
import { ProviderCard } from "../parts/ProviderCard.tsx";
import { useProviderNames } from "../parts/Source.tsx";
import { Empty, Skeleton, WhenLoaded } from "../parts/States.tsx";
import { connectionsOf, providersOf } from "../resources.ts";
import { hrefWith, Link, navigate, usePlace } from "../router.tsx";

const CALLBACK_ERRORS: Readonly<Record<string, MessageKey>> = {
  access_denied: "connections.error.access_denied",
  state_invalid: "connections.error.state_invalid",
  state_expired: "connections.error.state_expired",
  already_linked: "connections.error.already_linked",
  different_account: "connections.error.different_account",
  vendor_error: "connections.error.vendor_error",
};

/** What the vendor's redirect says: the message for a code, also for one that this version does not know. */
export const callbackError = (code: string): MessageKey => CALLBACK_ERRORS[code] ?? "connections.error.other";

type Asking =
  | { readonly kind: "connect"; readonly provider: Provider; readonly settings?: Readonly<Record<string, string>> }
  | { readonly kind: "disconnect"; readonly connection: Connection };

const BUSY_POLL_MS = 3_000;

/** Vendors: connected ones with their state, and those that can be connected. */
export function Connections() {
  const { t } = useLanguage();
  const { api, cache } = useData();
  const { patient } = useWho();
  const connections = useResource(connectionsOf(api, patient.id));
  const providers = useResource(providersOf(api));
  const [asking, setAsking] = useState<Asking | null>(null);
  const [done, setDone] = useState<{ readonly key: MessageKey; readonly provider: string } | null>(null);
  const isBusy = connections.data?.data.some((connection) => connection.isSyncing || connection.backfillProgress < 1) ?? false;
  const { refetch } = connections;

  useEffect(() => {
    if (!isBusy) return undefined;
    const timer = setInterval(refetch, BUSY_POLL_MS);
    return () => clearInterval(timer);
    // `refetch` is a new function at every render, but always the same deed.
    // eslint-disable-next-line react/exhaustive-deps
  }, [isBusy]);

  const onDisconnected = (connection: Connection, choice: DataChoice): void => {
    setAsking(null);
    setDone({ key: choice === "erase" ? "connections.erasedNow" : "connections.disconnectedNow", provider: connection.providerName });
    cache.invalidate("all");
  };

  const onConnected = (): void => {
    setAsking(null);
    cache.invalidate("all");
  };

  return (
    <>
      <PageHead title={t("connections.title")} sub={t("connections.lead")} />
      <CallbackNote />
      <output className={done ? "note" : "visually-hidden"}>
        {done ? t(done.key, { provider: done.provider }) : null}
      </output>
      <WhenLoaded resource={connections} skeleton={<CardSkeleton />}>
        {({ data: mine }) => (
          <WhenLoaded resource={providers} skeleton={<CardSkeleton />}>
            {({ data: all }) => <Lists mine={mine.filter(({ status }) => status !== "disconnected")} providers={all} onAsk={setAsking} />}
          </WhenLoaded>
        )}
      </WhenLoaded>
      {asking?.kind === "connect" ? (
        <ConnectDialog provider={asking.provider} settings={asking.settings} onClose={() => setAsking(null)} onConnected={onConnected} />
      ) : null}
      {asking?.kind === "disconnect" ? (
        <DisconnectDialog connection={asking.connection} onClose={() => setAsking(null)} onDone={(choice) => onDisconnected(asking.connection, choice)} />
      ) : null}
    </>
  );
}

function CardSkeleton() {
  return (
    <div className="card">
      <Skeleton height={48} lines={3} />
    </div>
  );
}

interface CallbackResult {
  readonly provider: string;
  /** Error code, null when it went well. */
  readonly error: string | null;
}

/** What the server's redirect after the consent page says in the address; null when it says nothing. */
export function callbackResult(query: URLSearchParams): CallbackResult | null {
  const connected = query.get("connected");
  if (connected !== null) return { provider: connected, error: null };
  const error = query.get("error");
  return error === null ? null : { provider: query.get("provider") ?? "", error };
}

/** The vendor's redirect brought a result in the address: it is said once and taken out of the address. */
function CallbackNote() {
  const { t } = useLanguage();
  const { path, query } = usePlace();
  const providers = useProviderNames();
  const [result, setResult] = useState(() => callbackResult(query));
  const hasResult = callbackResult(query) !== null;
  const cleanHref = hrefWith(path, query, { connected: undefined, error: undefined, provider: undefined });
  useEffect(() => {
    if (hasResult) navigate(cleanHref, { replace: true });
  }, [hasResult, cleanHref]);
  if (!result) return null;
  const provider = providers.of(result.provider);
  const isError = result.error !== null;
  return (
    <div className={isError ? "note note-error" : "note note-success"} role={isError ? "alert" : "status"} data-testid={isError ? "connect-error" : "connect-success"}>
      <p>{isError ? t(callbackError(result.error ?? ""), { provider }) : t("connections.connected", { provider })}</p>
      <div className="actions">
        {isError ? null : (
          <Link href="/" className="button button-primary">
            {t("connections.connectedAction")}
          </Link>
        )}
        <button type="button" className="link-button" onClick={() => setResult(null)}>
          {t("connections.dismiss")}
        </button>
      </div>
    </div>
  );
}

interface ListsProps {
  readonly mine: readonly Connection[];
  readonly providers: readonly Provider[];
  readonly onAsk: (asking: Asking) => void;
}

function Lists({ mine, providers, onAsk }: ListsProps) {
  const { t, catalogue } = useLanguage();
  const connectable = providers.filter((provider) => provider.signIn !== "none");
  const others = connectable.filter((provider) => provider.allowsSeveral || mine.every((connection) => connection.provider !== provider.id));
  const free = others.filter((provider) => provider.canConnect);
  const names = new Intl.ListFormat(catalogue.locale).format(others.filter((provider) => !provider.isConfigured).map(({ displayName }) => displayName));
  const reconnect = (connection: Connection): void => {
    const provider = providers.find(({ id }) => id === connection.provider);
    if (provider) onAsk({ kind: "connect", provider, settings: connection.settings });
  };
  if (providers.length === 0 && mine.length === 0) return <Empty text={t("connections.noProviders")} />;
  return (
    <>
      {mine.length > 0 ? (
        <section className="section" aria-labelledby="connected-title">
          <h2 id="connected-title">{t("connections.mine")}</h2>
          <div className="card-grid">
            {mine.map((connection) => (
              <ConnectionCard
                key={connection.id} connection={connection} provider={providers.find(({ id }) => id === connection.provider)}
                onReconnect={() => reconnect(connection)} onDisconnect={() => onAsk({ kind: "disconnect", connection })}
              />
            ))}
          </div>
        </section>
      ) : null}
      {SECTIONS.map(({ title, id, holds }) => (
        <ProviderSection key={id} title={t(title)} id={id} providers={free.filter(holds)} onAsk={onAsk} />
      ))}
      {names === "" ? null : <p className="muted" data-testid="not-configured">{t("connections.notConfigured", { names })}</p>}
    </>
  );
}

const isPhone = ({ signIn }: Provider): boolean => signIn === "device";
const isSensor = (provider: Provider): boolean => !isPhone(provider) && provider.signIn !== "hosted" && provider.metrics.includes("glucose");

/** Each vendor stands in one of them. */
const SECTIONS: readonly { readonly title: MessageKey; readonly id: string; readonly holds: (provider: Provider) => boolean }[] = [
  { title: "connections.glucose", id: "glucose", holds: isSensor },
  { title: "connections.wearables", id: "wearables", holds: (provider) => !isPhone(provider) && !isSensor(provider) },
  { title: "connections.phones", id: "phones", holds: isPhone },
];

interface ProviderSectionProps {
  readonly title: string;
  readonly id: string;
  readonly providers: readonly Provider[];
  readonly onAsk: (asking: Asking) => void;
}

function ProviderSection({ title, id, providers, onAsk }: ProviderSectionProps) {
  if (providers.length === 0) return null;
  return (
    <section className="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <div className="card-grid">
        {providers.map((provider) => (
          <ProviderCard key={provider.id} provider={provider} onConnect={() => onAsk({ kind: "connect", provider })} />
        ))}
      </div>
    </section>
  );
}
