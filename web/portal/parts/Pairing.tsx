import type { ConnectReply, Provider } from "#web/client/types.ts";
import { useLanguage } from "../language.tsx";
import { httpAddress } from "./http-address.ts";

export interface PairingProps {
  readonly provider: Provider;
  readonly pairing: NonNullable<ConnectReply["pairing"]>;
}

/** The code that a phone is paired by, and the address it sends to. */
export function Pairing({ provider, pairing }: PairingProps) {
  const { t } = useLanguage();
  return (
    <section aria-live="polite" data-testid="pairing">
      <p>{t("pairing.lead", { provider: provider.displayName })}</p>
      <p className="pairing-code" data-testid="pairing-code">
        {pairing.code}
      </p>
      <dl className="facts-table">
        <dt>{t("pairing.pairAt")}</dt>
        <dd className="address">{pairing.pairUrl}</dd>
        <dt>{t("pairing.sendTo")}</dt>
        <dd className="address">{pairing.pushUrl}</dd>
      </dl>
      <p className="muted">{t("pairing.once")}</p>
      {pairing.demoDeviceUrl === null ? null : (
        <p>
          <a className="button" href={httpAddress(pairing.demoDeviceUrl)} target="_blank" rel="noreferrer" data-testid="demo-device">
            {t("pairing.demo")}
          </a>
        </p>
      )}
    </section>
  );
}
