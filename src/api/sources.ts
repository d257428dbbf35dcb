/** How a source is shown: where a value came from, and what the vendor wants said beside it. */
import type { Series } from "#samples/store/series.ts";
import type { ApiContext } from "./context.ts";
import type { Source } from "./schemas.ts";

/** A series, or what stands for one; `linkedTo` where another source shows the same sensor. */
type Shown = Pick<Series, "id" | "provider" | "connectionId" | "deviceId" | "deviceName"> & { readonly linkedTo?: string };

export function showSource(context: ApiContext, series: Shown): Source {
  const driver = context.sync.providers.drivers.find((candidate) => candidate.id === series.provider);
  return {
    id: series.id,
    provider: series.provider,
    connectionId: series.connectionId,
    device: series.deviceName ?? (series.deviceId === "" ? null : series.deviceId),
    attribution: driver?.brand.attribution ?? null,
    ...(series.linkedTo === undefined ? {} : { linkedTo: series.linkedTo }),
  };
}
