/** What is known of a connection's devices, put together from the connection and from what its sources measured. */
import type { Reply } from "#web/client/operation-client.ts";
import { grouped } from "../sources.ts";

export type ConnectionShown = Reply<"get /patients/{patientId}/connections">["data"][number];
export type SourceRulesShown = Reply<"get /patients/{patientId}/source-rules">;

/** The last four of a serial number, enough to tell two devices apart; all of one that is shorter. */
export const serialEnd = (id: string): string => id.slice(-4);

/** When a connection's data begin and end; null where it has none, or none that may be seen. */
export function dataSpan(connectionId: string, rules: SourceRulesShown | undefined): { readonly first: string; readonly last: string } | null {
  const sources = (rules?.metrics ?? []).flatMap(({ sources: places }) => places).filter(({ source }) => source.connectionId === connectionId);
  const first = sources.flatMap(({ firstAt }) => firstAt ?? []).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
  const last = sources.flatMap(({ newestAt }) => newestAt ?? []).toSorted((a, b) => Date.parse(b) - Date.parse(a))[0];
  return first === undefined || last === undefined ? null : { first, last };
}

/** Whether only the patient can put it right, at the vendor. */
export const needsPatient = ({ status }: Pick<ConnectionShown, "status">): boolean => status === "needs_reauthorization" || status === "revoked" || status === "disconnected";

/** Whether a sync can be asked for. */
export const canSync = ({ status }: Pick<ConnectionShown, "status">): boolean => status === "active" || status === "limited" || status === "error";

type Place = SourceRulesShown["metrics"][number]["sources"][number];

export interface Contest {
  readonly metric: string;
  /** From the first believed to the last, each device that people tell apart once. */
  readonly places: readonly { readonly label: string; readonly reason: Place["reason"]; readonly count: number }[];
}

/** Metrics of which it matters who is believed: those that more than one device measures. A sensor and the one after it are one. */
export function contested(rules: SourceRulesShown, labelOf: (source: Place["source"]) => string): Contest[] {
  return rules.metrics
    .map(({ metric, sources }) => ({ metric, places: grouped(sources, ({ source }) => labelOf(source)).map(({ label, members }) => ({ label, reason: members[0]!.reason, count: members.length })) }))
    .filter(({ places }) => places.length > 1);
}

/** Devices by name, newest first: a person wears one sensor after the other. */
export function deviceGroups(devices: ConnectionShown["devices"]): { readonly name: string | null; readonly newest: ConnectionShown["devices"][number]; readonly count: number }[] {
  return grouped(devices.toSorted((a, b) => Date.parse(b.lastDataAt) - Date.parse(a.lastDataAt)), ({ id, name }) => name ?? id)
    .map(({ members }) => ({ name: members[0]!.name, newest: members[0]!, count: members.length }));
}
