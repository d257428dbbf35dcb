/** Sources by the names that people know them by. A sensor that is changed every ten days is one device to them. */
import { useCallback } from "react";
import type { Source } from "#web/client/types.ts";
import { useOperation } from "../data/queries.ts";
import { useWords } from "../messages/words.ts";

type Named = Pick<Source, "provider" | "device" | "attribution">;

/** `Dexcom · Dexcom G7`; the vendor is not said twice. */
export function sourceLabel({ provider, device, attribution }: Named, names: ReadonlyMap<string, string>): string {
  const vendor = attribution ?? (provider === null ? null : (names.get(provider) ?? provider));
  if (device === null || vendor === null) return device ?? vendor ?? "–";
  return device.toLocaleLowerCase().includes(vendor.toLocaleLowerCase()) ? device : `${vendor} · ${device}`;
}

/** Each label once, in the order of its first source. */
export function grouped<Each>(each: readonly Each[], labelOf: (one: Each) => string): { readonly label: string; readonly members: readonly Each[] }[] {
  const groups = new Map<string, Each[]>();
  for (const one of each) {
    const label = labelOf(one);
    groups.set(label, [...(groups.get(label) ?? []), one]);
  }
  return [...groups].map(([label, members]) => ({ label, members }));
}

const A_DAY_MS = 86_400_000;
/** What was read from a file has no vendor's account. */
const FILE = "import";

/** Until the vendors' names are there, their ids. */
export function useSourceLabel(): (source: Named) => string {
  const t = useWords();
  const { data } = useOperation("get /providers", {}, { staleMs: A_DAY_MS });
  return useCallback((source) => sourceLabel(source, new Map([[FILE, t("patient.sourceFile")], ...(data?.data ?? []).map(({ id, displayName }) => [id, displayName] as const)])), [t, data]);
}
