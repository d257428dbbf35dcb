import type { Provider } from "#web/client/types.ts";
import { useLanguage } from "../language.tsx";
import { readsOf } from "../words.ts";

/** Says that a vendor's cloud is not the real one. */
export function SimulatedBadge() {
  const { t } = useLanguage();
  return (
    <span className="chip chip-simulated" title={t("app.simulatedHint")} data-testid="simulated">
      {t("app.simulated")}
    </span>
  );
}

export interface ProviderCardProps {
  readonly provider: Provider;
  readonly onConnect: () => void;
}

/** One vendor that can be connected: what it reads, how fast and how far back, and its button. */
export function ProviderCard({ provider, onConnect }: ProviderCardProps) {
  const { t } = useLanguage();
  const titleId = `provider-${provider.id}`;
  return (
    <article className="card provider" aria-labelledby={titleId} data-testid={`provider-${provider.id}`}>
      <div className="connection-head">
        {provider.logoUrl === null ? null : <img className="vendor-logo" src={provider.logoUrl} alt="" />}
        <h3 id={titleId}>{provider.displayName}</h3>
        {provider.isSimulated ? <SimulatedBadge /> : null}
      </div>
      <ProviderFacts provider={provider} />
      {provider.unofficial === null ? null : <p className="muted">{t("connections.unofficial")}</p>}
      {/* The vendor demands its own words and colours; large and bold, as its contrast requires. */}
      <button
        type="button" className="brand-button" onClick={onConnect} aria-haspopup="dialog"
        style={{ backgroundColor: provider.colour, color: provider.textColour }} data-testid={`connect-${provider.id}`}
      >
        {provider.connectText}
      </button>
      {provider.attribution && provider.attribution !== provider.displayName ? <p className="source-line">{provider.attribution}</p> : null}
    </article>
  );
}

/** What is read, usual delay and depth of history. */
export function ProviderFacts({ provider }: { readonly provider: Provider }) {
  const { t, f } = useLanguage();
  const isQuick = provider.latencySeconds < 600;
  return (
    <ul className="fact-list">
      <li>{t("connections.reads", { what: f.list(readsOf(provider).map((key) => t(key))) })}</li>
      <li>{isQuick ? t("connections.noDelay") : t("connections.delay", { delay: f.duration(provider.latencySeconds) })}</li>
      <li>
        {provider.historyLimitDays === null
          ? t("connections.historyAll", { provider: provider.displayName })
          : t("connections.history", { days: f.number(provider.historyLimitDays) })}
      </li>
    </ul>
  );
}
