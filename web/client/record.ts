/** The calls about a patient's clinical history and care team, by name. Apart from the others, for the page that is fetched when it is first opened. */
import type { Operations } from "./operations.d.ts";
import type { Requester } from "./request.ts";

type Listed<List extends keyof Operations> = Operations[List]["reply"] extends { data: (infer Entry)[] } ? Entry : never;

export type CareTeamMember = Listed<"get /patients/{patientId}/care-team">;
/** What is said of a member. */
export type CareTeamPlace = Omit<Operations["post /patients/{patientId}/care-team"]["body"], "userId">;

/** What each kind holds: its entries, its earlier versions, and what is sent. */
interface Kinds {
  readonly conditions: {
    readonly entry: Listed<"get /patients/{patientId}/conditions">; readonly version: Listed<"get /patients/{patientId}/conditions/{conditionId}/versions">;
    readonly request: Operations["post /patients/{patientId}/conditions"]["body"];
  };
  readonly medications: {
    readonly entry: Listed<"get /patients/{patientId}/medications">; readonly version: Listed<"get /patients/{patientId}/medications/{medicationId}/versions">;
    readonly request: Operations["post /patients/{patientId}/medications"]["body"];
  };
  readonly allergies: {
    readonly entry: Listed<"get /patients/{patientId}/allergies">; readonly version: Listed<"get /patients/{patientId}/allergies/{allergyId}/versions">;
    readonly request: Operations["post /patients/{patientId}/allergies"]["body"];
  };
  readonly procedures: {
    readonly entry: Listed<"get /patients/{patientId}/procedures">; readonly version: Listed<"get /patients/{patientId}/procedures/{procedureId}/versions">; readonly request: never;
  };
  readonly notes: { readonly entry: Listed<"get /patients/{patientId}/notes">; readonly version: Listed<"get /patients/{patientId}/notes/{noteId}/versions">; readonly request: never };
  readonly documents: {
    readonly entry: Listed<"get /patients/{patientId}/documents">; readonly version: Listed<"get /patients/{patientId}/documents/{documentId}/versions">; readonly request: never;
  };
}

export type RecordKind = keyof Kinds;
export type RecordEntry<Kind extends RecordKind = RecordKind> = Kinds[Kind]["entry"];
export type RecordVersion<Kind extends RecordKind = RecordKind> = Kinds[Kind]["version"];
/** What people write themselves. */
export type OwnKind = "conditions" | "medications" | "allergies";
export type RecordRequest<Kind extends OwnKind = OwnKind> = Kinds[Kind]["request"];

interface Page<Entry> {
  readonly data: readonly Entry[];
  readonly nextCursor: string | null;
}

const MOST_OF_A_PAGE = 200;

export type RecordApi = ReturnType<typeof createRecordApi>;

/** Every call throws ApiError. */
export function createRecordApi(requester: Requester) {
  const at = (patientId: string, path: string): string => `/patients/${encodeURIComponent(patientId)}/${path}`;
  const one = (patientId: string, kind: RecordKind, id: string): string => at(patientId, `${kind}/${encodeURIComponent(id)}`);
  const member = (patientId: string, memberId: string): string => at(patientId, `care-team/${encodeURIComponent(memberId)}`);
  const seen = ({ version }: { readonly version: number }) => ({ "if-match": `"${version}"` });
  return {
    /** All entries of a kind: they are written by hand, so that there are few. */
    async list<Kind extends RecordKind>(patientId: string, kind: Kind, signal: AbortSignal): Promise<readonly RecordEntry<Kind>[]> {
      const entries: RecordEntry<Kind>[] = [];
      let cursor: string | undefined;
      do {
        const page: Page<RecordEntry<Kind>> = await requester.send<Page<RecordEntry<Kind>>>(at(patientId, kind), { query: { limit: MOST_OF_A_PAGE, cursor }, signal });
        entries.push(...page.data);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return entries;
    },
    versions: async <Kind extends RecordKind>(patientId: string, kind: Kind, id: string, signal: AbortSignal): Promise<readonly RecordVersion<Kind>[]> =>
      (await requester.send<{ data: RecordVersion<Kind>[] }>(`${one(patientId, kind, id)}/versions`, { signal })).data,
    add: <Kind extends OwnKind>(patientId: string, kind: Kind, body: RecordRequest<Kind>) => requester.send<RecordEntry<Kind>>(at(patientId, kind), { method: "POST", body }),
    change: <Kind extends OwnKind>(patientId: string, kind: Kind, entry: RecordEntry<Kind>, body: RecordRequest<Kind>) =>
      requester.send<RecordEntry<Kind>>(one(patientId, kind, entry.id), { method: "PUT", body, headers: seen(entry) }),
    /** Takes an entry out; it is kept, and `restore` gives it back. */
    takeOut: <Kind extends OwnKind>(patientId: string, kind: Kind, entry: RecordEntry<Kind>) =>
      requester.send<RecordEntry<Kind>>(one(patientId, kind, entry.id), { method: "DELETE", headers: seen(entry) }),
    restore: <Kind extends OwnKind>(patientId: string, kind: Kind, entry: RecordEntry<Kind>) => requester.send<RecordEntry<Kind>>(`${one(patientId, kind, entry.id)}/restore`, { method: "POST", headers: seen(entry) }),
    fileHref: (patientId: string, documentId: string): string => `/api/v1${one(patientId, "documents", documentId)}/file`,
    careTeam: async (patientId: string, signal: AbortSignal): Promise<readonly CareTeamMember[]> => (await requester.send<{ data: CareTeamMember[] }>(at(patientId, "care-team"), { signal })).data,
    /** To be named opens nothing: access is given by grants. */
    nameMember: (patientId: string, userId: string, place: CareTeamPlace) => requester.send<unknown>(at(patientId, "care-team"), { method: "POST", body: { userId, ...place } }),
    changeMember: (patientId: string, memberId: string, place: CareTeamPlace) => requester.send<unknown>(member(patientId, memberId), { method: "PATCH", body: place }),
    endMembership: (patientId: string, memberId: string) => requester.send<unknown>(member(patientId, memberId), { method: "DELETE" }),
  };
}
