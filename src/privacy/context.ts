/** What this room needs, built once by the app. */
import type { PrivacyConfig } from "../config.ts";
import type { Queue } from "#jobs/queue.ts";
import type { Tx } from "#db/database.ts";
import type { SyncContext } from "#sync/context.ts";
import type { Certificate } from "./erasure/certificate.ts";

export interface PrivacyContext {
  readonly sync: SyncContext;
  readonly settings: PrivacyConfig;
  /** Folder of the list of erasures. */
  readonly dataFolder: string;
  readonly queue: Pick<Queue, "send"> & Partial<Pick<Queue, "forget">>;
  /** Sends the certificate to whom it is about, in the transaction that deletes their account; absent where no mail is sent. */
  readonly tellErased?: (tx: Tx, person: ErasedPerson, certificate: Certificate) => Promise<void>;
}

/** Where a certificate goes. */
export interface ErasedPerson {
  readonly organizationId: string;
  readonly email: string;
  readonly locale: "en" | "es";
}

export const PRIVACY_QUEUES = {
  /** Make one package. */
  dataExport: "data-export",
  /** Carry out one erasure. */
  erasure: "erasure",
  /** Find packages and erasures that are due or were left. */
  sweep: "privacy-sweep",
  /** Once a day: cut what has been kept long enough. */
  retention: "retention",
} as const;
