/** The names that harness and children share. */

/** Where a process can be made to die. The first three are the server's, the others the worker's. */
export const KILL_POINTS = {
  api: ["after_insert_before_commit", "after_commit_sent", "after_commit_before_ack"],
  worker: ["after_claim", "after_records_before_commit", "after_records_committed"],
} as const;
export type KillPoint = (typeof KILL_POINTS)[keyof typeof KILL_POINTS][number];

export type Control = "ack_first" | "no_flush";
