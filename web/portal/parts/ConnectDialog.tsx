import { useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";
import type { Provider } from "#web/client/types.ts";
import { useData, useWho } from "../data.tsx";
import { confirmNotice } from "../device-memory.ts";
import { useLanguage } from "../language.tsx";
import { keepingPatient, usePlace } from "../router.tsx";
import { regionName } from "../words.ts";
import { Dialog } from "./Dialog.tsx";
import { NoticeText } from "./Gate.tsx";
import { ProviderFacts } from "./ProviderCard.tsx";
import { ErrorNote } from "./States.tsx";

export interface ConnectDialogProps {
  readonly provider: Provider;
  /** Settings of an earlier connection, for reconnecting. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly onClose: () => void;
}

/** Said and asked before the person goes to the vendor: what is read, the notice, the vendor's settings. */
export function ConnectDialog({ provider, settings = {}, onClose }: ConnectDialogProps) {
  const { t } = useLanguage();
  const { api } = useData();
  const { patient, userId } = useWho();
  const { query } = usePlace();
  const [chosen, setChosen] = useState(() => Object.fromEntries(provider.settings.map((setting) => [setting.name, settings[setting.name] ?? setting.default])));
  const [isLeaving, setIsLeaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const go = async (): Promise<void> => {
    setIsLeaving(true);
    setError(null);
    try {
      const returnTo = keepingPatient("/connections", query);
      const reply = await api.connect(patient.id, {
        provider: provider.id,
        ...(provider.settings.length > 0 ? { settings: chosen } : {}),
        ...(returnTo === "/connections" ? {} : { returnTo }),
      });
      confirmNotice(userId);
      location.assign(httpAddress(reply.authorizeUrl));
    } catch (thrown) {
      setError(toApiError(thrown));
      setIsLeaving(false);
    }
  };

  return (
    <Dialog title={t("connections.before", { provider: provider.displayName })} onClose={onClose} testId="connect-dialog">
      <p className="disclosure" data-testid="disclosure">
        {provider.disclosure}
      </p>
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
      </div>
      {error ? <ErrorNote error={error} onRetry={() => void go()} /> : null}
      <p className="muted">{t("connections.acknowledge")}</p>
      <div className="actions actions-end">
        <button type="button" className="button" onClick={onClose}>
          {t("connections.cancel")}
        </button>
        <button type="button" className="button button-primary" onClick={() => void go()} disabled={isLeaving} data-testid="connect-continue">
          {t(isLeaving ? "connections.continuing" : "connections.continue", { provider: provider.displayName })}
        </button>
      </div>
    </Dialog>
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

/** The address to go to; only http and https, whatever a reply says. */
export function httpAddress(text: string): string {
  const url = new URL(text, "http://localhost");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error("The vendor's address is not http.");
  return text;
}
