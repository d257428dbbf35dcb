/** Services with telemetry around them: the same methods, each call counted, timed and spanned. */
import type { Database } from "#db/database.ts";
import type { HttpClient } from "#http/types.ts";
import type { Inbox, NewDelivery } from "#inbox/inbox.ts";
import type { JobData, RunningQueue } from "#jobs/queue.ts";
import { errorCode } from "../errors.ts";
import { currentTrail, isRequestId, isTraceparent, onTrail } from "../trail.ts";
import { secondsSince, type Telemetry } from "./telemetry.ts";

/** Names under which a delivery keeps whence it came, and a job on whose behalf it runs. */
export const ORIGIN = { requestId: "x-request-id", traceparent: "traceparent" } as const;

/** Calls to vendors. The trace stays inside: nothing of it is sent along. */
export function watchHttp(http: HttpClient, telemetry: Telemetry): HttpClient {
  return {
    request: (scope, request) => {
      const { provider } = scope;
      // No address: a host that a person gave names the person, a path an account, a query a token.
      const attributes = { "islet.provider": provider, "http.request.method": request.method };
      return telemetry.span("vendor.call", { kind: "client", attributes }, async (span) => {
        const startedMs = performance.now();
        let outcome = "ok";
        try {
          const answer = await http.request(scope, request);
          span.note({ "http.response.status_code": answer.status });
          return answer;
        } catch (error) {
          outcome = request.signal?.aborted ? "aborted" : errorCode(error);
          throw error;
        } finally {
          telemetry.instruments.vendorCalls.observe({ provider, outcome }, secondsSince(startedMs));
        }
      });
    },
  };
}

/** Acceptances. Each delivery remembers the request that brought it, so that whoever works on it goes on with its trail. */
export function watchInbox(inbox: Inbox, telemetry: Telemetry): Inbox {
  const { deliveriesAccepted, acceptDuration } = telemetry.instruments;
  const accepted = <T extends { readonly id: string; readonly isNew: boolean }>(delivery: NewDelivery, take: (traced: NewDelivery) => Promise<T>): Promise<T> => {
    const { provider, via } = delivery;
    return telemetry.span("inbox.accept", { kind: "producer", attributes: { "islet.provider": provider, "islet.via": via } }, async (span) => {
      const startedMs = performance.now();
      let outcome = "failed";
      try {
        const taken = await take({ ...delivery, headers: { ...delivery.headers, ...originHeaders() } });
        outcome = taken.isNew ? "new" : "duplicate";
        span.note({ "islet.delivery": taken.id, "islet.new": taken.isNew });
        deliveriesAccepted.inc({ provider, via, outcome });
        return taken;
      } finally {
        acceptDuration.observe({ via, outcome }, secondsSince(startedMs));
      }
    });
  };
  return {
    accept: (delivery) => accepted(delivery, (traced) => inbox.accept(traced)),
    acceptAndClaim: (delivery) => accepted(delivery, (traced) => inbox.acceptAndClaim(traced)),
    onArrival: (listener) => inbox.onArrival(listener),
  };
}

function originHeaders(): Record<string, string> {
  const { requestId, traceparent } = currentTrail();
  return { ...(requestId === undefined ? {} : { [ORIGIN.requestId]: requestId }), ...(traceparent === undefined ? {} : { [ORIGIN.traceparent]: traceparent }) };
}

/** Transactions, and how long they took with the wait for a connection. */
export function watchDatabase(database: Database, telemetry: Telemetry): Database {
  const timed = async <T>(scope: "tenant" | "system", run: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    let outcome = "done";
    try {
      return await run();
    } catch (error) {
      outcome = errorCode(error) === "unavailable" ? "unavailable" : "failed";
      throw error;
    } finally {
      telemetry.instruments.transactions.observe({ scope, outcome }, secondsSince(startedMs));
    }
  };
  return {
    ...database,
    withPerson: (person, work) => timed("tenant", () => database.withPerson(person, work)),
    withOrganization: (organizationId, work) => timed("tenant", () => database.withOrganization(organizationId, work)),
    asSystem: (work) => timed("system", () => database.asSystem(work)),
    asAuditor: (organizationId, work) => timed("system", () => database.asAuditor(organizationId, work)),
    look: (text, values) => timed("system", () => database.look(text, values)),
  };
}

/** Jobs: timed, and run on the trail of the request that sent them. Their data stays ids (faults QU-12): the trail's are ours, too. */
export function watchQueue(queue: RunningQueue, telemetry: Telemetry): RunningQueue {
  const { jobDuration, jobsRunning } = telemetry.instruments;
  return {
    ...queue,
    send: (name, data, options) => queue.send(name, { ...data, ...originHeaders() }, options),
    work: (name, options, handler) => queue.work(name, options, async (given, signal) => {
      const { [ORIGIN.requestId]: requestId, [ORIGIN.traceparent]: parent, ...rest } = given as JobData & Record<string, string | undefined>;
      const data = rest as JobData;
      const trail = { job: name, ...(isRequestId(requestId) ? { requestId } : {}) };
      await onTrail(trail, () => telemetry.span("job", { kind: "consumer", parent: isTraceparent(parent) ? parent : null, attributes: { "islet.queue": name } }, async () => {
        const startedMs = performance.now();
        let outcome = "failed";
        jobsRunning.inc({ queue: name });
        try {
          await handler(data, signal);
          outcome = "done";
        } finally {
          jobsRunning.dec({ queue: name });
          jobDuration.observe({ queue: name, outcome }, secondsSince(startedMs));
        }
      }));
    }),
  };
}
