/** How a source is shown: where a value came from, and what the vendor wants said beside it. */
import type { Series } from "#samples/series.ts";
import type { ApiContext } from "./context.ts";
import type { Source } from "./schemas.ts";

export function showSource(context: ApiContext, series: Pick<Series, "id" | "provider" | "connectionId" | "deviceId" | "deviceName">): Source {
  const driver = context.sync.providers.drivers.find((candidate) => candidate.id === series.provider);
  return {
    id: series.id,
    provider: series.provider,
    connectionId: series.connectionId,
    device: series.deviceName ?? (series.deviceId === "" ? null : series.deviceId),
    attribution: driver?.brand.attribution ?? null,
  };
}
