/** What an operator may set of the queues, and what they are else. */

/** How much of a queue one process works on at once, and how often a job of it is run at most. */
export interface QueueLimits {
  readonly concurrency: number;
  readonly tries: number;
}

/** What an operator may set of the queues. */
export interface JobLimits {
  readonly healthSync: QueueLimits;
  readonly tokenRefresh: QueueLimits;
  readonly webhookProcessing: QueueLimits;
}

/** Requirement R3; the settings' defaults are made from it. */
export const JOB_LIMITS: JobLimits = {
  healthSync: { concurrency: 5, tries: 3 },
  tokenRefresh: { concurrency: 10, tries: 5 },
  webhookProcessing: { concurrency: 20, tries: 3 },
};
