/** Parts of LibreLinkUp's answers that people save apart → the whole answer. Pure. Source: vendors/abbott-libre.md, Data endpoints. */

export interface Whole {
  readonly payload: unknown;
  /** JSON pointer of `data` in what was given. */
  readonly at: string;
}

/** The payload with its `data`, which it may lack, or call `result` as the first version of the door did. Anything else stays as it is. */
export function wholeOf(resource: string, payload: unknown): Whole {
  if (Array.isArray(payload)) return { payload: { data: resource === "graph" ? { graphData: payload as unknown[] } : (payload as unknown[]) }, at: "" };
  if (!isFields(payload)) return { payload, at: "/data" };
  if (payload["data"] === undefined && Array.isArray(payload["result"])) {
    const list = payload["result"] as unknown[];
    return { payload: { data: resource === "graph" ? { graphData: list } : list }, at: "/result" };
  }
  if (resource === "graph") return payload["data"] === undefined && (Array.isArray(payload["graphData"]) || isFields(payload["connection"])) ? { payload: { data: payload }, at: "" } : { payload, at: "/data" };
  const named = resource === "connections" ? "patientId" : "FactoryTimestamp";
  if (isFields(payload["data"]) && payload["data"][named] !== undefined) return { payload: { data: [payload["data"]] }, at: "/data" };
  return payload[named] === undefined ? { payload, at: "/data" } : { payload: { data: [payload] }, at: "" };
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
