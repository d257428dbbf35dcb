import type { Source } from "#web/client/types.ts";
import { useData, useResource } from "../data.tsx";
import { useLanguage } from "../language.tsx";
import { providersOf } from "../resources.ts";

/** Name of a vendor by its id, from the server's list; the id with a capital until the list is there. */
export function useProviderName(): (id: string) => string {
  const { api } = useData();
  const { data } = useResource(providersOf(api));
  return (id) => data?.data.find((provider) => provider.id === id)?.displayName ?? id.charAt(0).toUpperCase() + id.slice(1);
}

/** "Garmin Forerunner 965": vendor and device, without saying the vendor twice. Null for what a person entered. */
export function sourceName(source: Source, providerName: (id: string) => string): string | null {
  const vendor = source.provider === null ? null : providerName(source.provider);
  if (vendor === null) return source.device;
  if (source.device === null) return vendor;
  return source.device.toLowerCase().startsWith(vendor.toLowerCase()) ? source.device : `${vendor} ${source.device}`;
}

/** The source line that stands under every value, with the words the vendor asks for. */
export function SourceLine({ source, atMs }: { readonly source: Source; readonly atMs?: number }) {
  const { t, f } = useLanguage();
  const providerName = useProviderName();
  const name = sourceName(source, providerName) ?? t("source.manual");
  return (
    <p className="source-line">
      {atMs === undefined ? t("card.source", { source: name }) : t("card.sourceAt", { source: name, time: f.dateTime(atMs) })}
      {source.attribution && source.attribution !== name ? <span className="attribution">{source.attribution}</span> : null}
    </p>
  );
}
