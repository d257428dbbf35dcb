import { type SubmitEvent, useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { ConnectReply, Provider } from "#web/client/types.ts";
import { useData, useWho } from "../data.tsx";
import { confirmNotice } from "../device-memory.ts";
import { useLanguage } from "../language.tsx";
import { keepingPatient, usePlace } from "../router.tsx";
import { regionName } from "../words.ts";
import type { MessageKey } from "../messages/translate.ts";
import { CredentialFields } from "./CredentialFields.tsx";
import { Dialog } from "./Dialog.tsx";
import { NoticeText } from "./Gate.tsx";
import { httpAddress } from "./http-address.ts";
import { Pairing } from "./Pairing.tsx";
import { ProviderFacts } from "./ProviderCard.tsx";
import { ErrorNote } from "./States.tsx";

export interface ConnectDialogProps {
  readonly provider: Provider;
  /** Settings of an earlier connection, for reconnecting. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly onClose: () => void;
  /** The connection was made without leaving. */
  readonly onConnected: () => void;
}

/** Said and asked before a vendor is connected: what is read, the notice, the vendor's settings and, where it has no page, its sign-in. */
export function ConnectDialog({ provider, settings = {}, onClose, onConnected }: ConnectDialogProps) {
  const { t } = useLanguage();
  const { api } = useData();
  const { patient, userId } = useWho();
  const { query } = usePlace();
  const [chosen, setChosen] = useState(() => Object.fromEntries(provider.settings.map((setting) => [setting.name, settings[setting.name] ?? setting.default])));
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>(() => Object.fromEntries(provider.fields.map(({ name, isSecret }) => [name, isSecret ? "" : (settings[name] ?? "")])));
  const [pairing, setPairing] = useState<ConnectReply["pairing"]>(null);
  const [isLeaving, setIsLeaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const go = async (): Promise<void> => {
    setIsLeaving(true);
    setError(null);
    try {
      const returnTo = keepingPatient("/connections", query);
      const reply = await api.connect(patient.id, {
        provider: provider.id,
        consent: { version: provider.consent.version },
        ...(provider.settings.length > 0 ? { settings: chosen } : {}),
        ...(returnTo === "/connections" ? {} : { returnTo }),
        ...(provider.fields.length > 0 ? { credentials: Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== "")) } : {}),
      });
      confirmNotice(userId);
      if (reply.authorizeUrl !== null) return location.assign(httpAddress(reply.authorizeUrl));
      if (reply.pairing === null) return onConnected();
      setPairing(reply.pairing);
      setIsLeaving(false);
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsLeaving(false);
    }
  };

  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void go();
  };
  const isLeft = provider.signIn === "oauth2" || provider.signIn === "hosted";
  const title = t(isLeft ? "connections.before" : "connections.beforeHere", { provider: provider.displayName });

  if (pairing !== null) {
    return (
      <Dialog title={title} onClose={onConnected} testId="connect-dialog">
        <Pairing provider={provider} pairing={pairing} />
        <div className="actions actions-end">
          <button type="button" className="button button-primary" onClick={onConnected} data-testid="pairing-done">
            {t("pairing.done")}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose} testId="connect-dialog">
      <form onSubmit={onSubmit}>
      <p className="disclosure" data-testid="disclosure">
        {provider.disclosure}
      </p>
      <p data-testid="consent-text">{provider.consent.text}</p>
      {provider.unofficial === null ? null : (
        <p className="note note-attention" data-testid="unofficial">
          {provider.unofficial}
        </p>
      )}
      <ProviderFacts provider={provider} />
      <NoticeText />
      {provider.isSimulated ? <p className="note">{t("app.simulatedHint")}</p> : null}
      <div className="form">
        {provider.settings.map((setting) => (
          <Setting
            key={setting.name} setting={setting} value={chosen[setting.name] ?? setting.default}
            onValue={(value) => setChosen((before) => ({ ...before, [setting.name]: value }))}
          />
        ))}
        {provider.fields.length === 0 ? null : (
          <CredentialFields provider={provider} values={typed} error={error} onValue={(name, value) => setTyped((before) => ({ ...before, [name]: value }))} />
        )}
      </div>
      {error ? <ConnectError error={error} provider={provider} /> : null}
      <p className="muted">{t("connections.acknowledge")}</p>
      <div className="actions actions-end">
        <button type="button" className="button" onClick={onClose}>
          {t("connections.cancel")}
        </button>
        <button type="submit" className="button button-primary" disabled={isLeaving} data-testid="connect-continue">
          {t(continueText(provider, isLeaving), { provider: provider.displayName })}
        </button>
      </div>
      </form>
    </Dialog>
  );
}

function continueText({ signIn }: Provider, isLeaving: boolean): MessageKey {
  if (signIn === "device") return "pairing.begin";
  if (signIn === "credentials") return isLeaving ? "connections.signingIn" : "connections.signIn";
  return isLeaving ? "connections.continuing" : "connections.continue";
}

/** Refusals that the person can mend, in words for them. */
const REFUSALS: Readonly<Record<string, MessageKey>> = {
  credentials_refused: "connections.error.credentials_refused", already_linked: "connections.error.already_linked",
  different_account: "connections.error.different_account", invalid_input: "connections.error.fields", provider_ended: "connections.error.ended",
};

function ConnectError({ error, provider }: { readonly error: ApiError; readonly provider: Provider }) {
  const { t } = useLanguage();
  const words = REFUSALS[error.code];
  if (words === undefined) return <ErrorNote error={error} />;
  return (
    <div className="note note-error" role="alert" data-testid="connect-refused">
      <p>{t(words, { provider: provider.displayName })}</p>
      {error.code === "credentials_refused" && error.detail ? <p>{error.detail}</p> : null}
    </div>
  );
}

interface SettingProps {
  readonly setting: Provider["settings"][number];
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function Setting({ setting, value, onValue }: SettingProps) {
  const { t } = useLanguage();
  const id = `setting-${setting.name}`;
  if (setting.values.length === 0) {
    return (
      <>
        <label htmlFor={id}>{setting.description}</label>
        <input id={id} value={value} maxLength={80} autoComplete="off" onChange={(event) => onValue(event.target.value)} data-testid={id} />
      </>
    );
  }
  return (
    <>
      <label htmlFor={id}>{setting.name === "region" ? t("setting.region") : setting.description}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.target.value)} data-testid={id}>
        {setting.values.map((option) => {
          const region = regionName(option);
          return (
            <option key={option} value={option}>
              {region ? t(region) : option}
            </option>
          );
        })}
      </select>
    </>
  );
}
