/** The calls about what people type and meters send, by name. Apart from the others, for the page that is fetched when it is first opened. */
import type { Operations } from "./operations.d.ts";
import type { Requester } from "./request.ts";

export type ReadingList = Operations["get /patients/{patientId}/readings"]["reply"];
export type MeterReading = ReadingList["data"][number];
export type WithdrawnList = Operations["get /patients/{patientId}/readings/withdrawn"]["reply"];
export type ReadingWithdrawn = Operations["delete /patients/{patientId}/readings/{readingId}"]["reply"];

export interface ReadingsAsked {
  readonly from: string;
  readonly to: string;
  /** All of them without one. */
  readonly type?: string | undefined;
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal;
}

const MOST_OF_A_PAGE = 100;

export type ReadingsApi = ReturnType<typeof createReadingsApi>;

/** Every call throws ApiError. */
export function createReadingsApi(requester: Requester) {
  const at = (patientId: string, path = ""): string => `/patients/${encodeURIComponent(patientId)}/readings${path}`;
  const one = (patientId: string, id: string, path = ""): string => at(patientId, `/${encodeURIComponent(id)}${path}`);
  return {
    list: (patientId: string, { from, to, type, cursor, signal }: ReadingsAsked) =>
      requester.send<ReadingList>(at(patientId), { query: { from, to, type, cursor, limit: MOST_OF_A_PAGE }, ...(signal ? { signal } : {}) }),
    takeBack: (patientId: string, id: string) => requester.send<ReadingWithdrawn>(one(patientId, id), { method: "DELETE" }),
    giveBack: (patientId: string, id: string) => requester.send<unknown>(one(patientId, id, "/restore"), { method: "POST" }),
    takenBack: (patientId: string, signal: AbortSignal) => requester.send<WithdrawnList>(at(patientId, "/withdrawn"), { signal }),
  };
}
