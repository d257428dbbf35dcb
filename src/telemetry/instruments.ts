/** The metrics of one process: each stands here once, with its name, labels and meaning. Labels are routes, vendors, queues and codes; never ids. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** From a few milliseconds to a vendor's patience. */
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const VENDOR_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const JOB_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900];
/** From receipt to stored records; five minutes are the promise (requirement W5). */
const AGE_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600];
const BATCH_ROWS = [1, 2, 5, 10, 25, 50, 100, 200];

export interface Build {
  readonly version: string;
  /** all | api | worker, or what else runs. */
  readonly role: string;
}

export type Instruments = ReturnType<typeof createInstruments>;

/** `withProcess` adds what Node tells of itself: memory, processor time, event-loop lag, garbage collection. Once a process. */
export function createInstruments(build: Build, withProcess: boolean) {
  const registry = new Registry();
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> => new Counter({ name, help, labelNames, registers: [registry] });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> => new Gauge({ name, help, labelNames, registers: [registry] });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]): Histogram<L> =>
    new Histogram({ name, help, buckets, labelNames, registers: [registry] });
  if (withProcess) collectDefaultMetrics({ register: registry });
  gauge("islet_build_info", "Always 1; which version runs as what.", "version", "node", "role").set({ version: build.version, node: process.versions.node, role: build.role }, 1);
  return {
    registry,
    requests: histogram("islet_http_request_duration_seconds", "Time to answer a request, by route pattern.", REQUEST_SECONDS, "method", "route", "status"),
    webhooksRefused: counter("islet_webhooks_refused_total", "Webhooks that were not accepted, by vendor and code of the refusal.", "provider", "reason"),
    deliveriesAccepted: counter("islet_deliveries_accepted_total", "Deliveries committed to the inbox; `duplicate` where an equal one was there before.", "provider", "via", "outcome"),
    acceptDuration: histogram("islet_inbox_accept_duration_seconds", "Time from a delivery at the inbox to its commit, which is what a sender waits for.", REQUEST_SECONDS, "via", "outcome"),
    batchRows: histogram("islet_inbox_batch_rows", "Deliveries in one commit of the inbox.", BATCH_ROWS),
    deliveriesProcessed: counter("islet_deliveries_processed_total", "Tries to make records of a delivery: `done`, `interrupted`, or the code of the failure.", "provider", "via", "outcome"),
    togetherDeliveries: histogram("islet_deliveries_together", "Deliveries whose records were stored in one transaction, where several were.", BATCH_ROWS),
    processDuration: histogram("islet_delivery_process_duration_seconds", "Time to make records of one delivery; its share where several were stored together.", JOB_SECONDS, "provider"),
    deliveryAge: histogram("islet_delivery_latency_seconds", "From the receipt of a pushed delivery to its records being stored.", AGE_SECONDS, "provider"),
    recordsStored: counter("islet_records_stored_total", "Records that were new or changed.", "provider", "record"),
    syncs: counter("islet_syncs_total", "Syncs of a connection: `done`, or the code of the failure.", "provider", "outcome"),
    refreshes: counter("islet_token_refreshes_total", "Refreshes of a connection's tokens: `done`, `superseded`, `lost` (not stored), `cut_off` (found later), or the code of the failure.", "provider", "outcome"),
    refreshWaits: counter("islet_token_refresh_waits_total", "Callers that found a refresh under way elsewhere and waited for it.", "provider"),
    vendorCalls: histogram("islet_vendor_call_duration_seconds", "Calls to a vendor with all their tries: `ok`, or the code of the failure.", VENDOR_SECONDS, "provider", "outcome"),
    jobDuration: histogram("islet_job_duration_seconds", "Time that a job ran in this process.", JOB_SECONDS, "queue", "outcome"),
    jobsRunning: gauge("islet_jobs_running", "Jobs that run in this process now.", "queue"),
    transactions: histogram("islet_db_transaction_duration_seconds", "Transactions, waiting for a connection included.", REQUEST_SECONDS, "scope", "outcome"),
    // What follows is looked up when somebody asks, a few seconds old at most.
    inboxDeliveries: gauge("islet_inbox_deliveries", "Deliveries that are not done, by vendor and state; `replay` are those made once more.", "provider", "state"),
    inboxOldest: gauge("islet_inbox_oldest_seconds", "How long the oldest delivery of a state has been due.", "state"),
    jobs: gauge("islet_jobs", "Jobs by queue and state: waiting, active, failed.", "queue", "state"),
    summariesBehind: gauge("islet_summaries_behind_seconds", "How long the oldest change waits that the summaries of days have not followed."),
    connections: gauge("islet_connections", "Connections that have not ended, by vendor and status.", "provider", "status"),
    pool: gauge("islet_db_pool_connections", "Database connections of this process, by pool: open, idle, and callers that wait for one.", "pool", "state"),
    databaseUp: gauge("islet_database_up", "1 when the database answered the last look-up."),
    queueUp: gauge("islet_queue_up", "1 when the job queue answered the last look-up."),
  };
}
