import type { Source } from "#web/client/types.ts";
import { useData, useResource } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { providersOf } from "../resources.ts";

export interface ProviderNames {
  /** Name of a vendor by its id; the id with a capital until the server's list is there. */
  readonly of: (id: string) => string;
  readonly all: readonly string[];
}

/** The vendors' names, from the server's list. */
export function useProviderNames(): ProviderNames {
  const { api } = useData();
  const { data } = useResource(providersOf(api));
  const providers = data?.data ?? [];
  return {
    of: (id) => providers.find((provider) => provider.id === id)?.displayName ?? id.charAt(0).toUpperCase() + id.slice(1),
    all: providers.map((provider) => provider.displayName),
  };
}

/**
 * "Garmin Forerunner 965": vendor and device, without saying the vendor twice; "Strava · Garmin Forerunner 965" where the device
 * is another vendor's. Null for what a person entered.
 */
export function sourceName(source: Source, names: ProviderNames): string | null {
  const { device } = source;
  const vendor = source.provider === null ? null : names.of(source.provider);
  if (vendor === null) return device;
  if (device === null) return vendor;
  const maker = names.all.find((name) => device.toLowerCase().startsWith(name.toLowerCase()));
  if (maker === undefined) return `${vendor} ${device}`;
  return maker === vendor ? device : `${vendor} · ${device}`;
}

/** The source line that stands under every value, with the words the vendor asks for. */
export function SourceLine({ source, atMs }: { readonly source: Source; readonly atMs?: number }) {
  const { t, f } = useLanguage();
  const names = useProviderNames();
  const name = sourceName(source, names) ?? t("source.manual");
  return (
    <p className="source-line">
      {atMs === undefined ? t("card.source", { source: name }) : t("card.sourceAt", { source: name, time: f.dateTime(atMs) })}
      {source.attribution && !name.includes(source.attribution) ? <span className="attribution">{source.attribution}</span> : null}
    </p>
  );
}
