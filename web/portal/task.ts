import { useState } from "react";
import { type ApiError, toApiError } from "#web/client/errors.ts";

/** The person has changed their mind: nothing happened, and nothing need be said. */
export class Cancelled extends Error {
  constructor() {
    super("Cancelled by the person.");
    this.name = "Cancelled";
  }
}

export interface Task {
  readonly isWorking: boolean;
  readonly error: ApiError | null;
  /** Runs something that a person asked for, and keeps its error. Resolves with whether it was done. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** One thing at a time that a person asks for by a button. */
export function useTask(): Task {
  const [isWorking, setIsWorking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    setIsWorking(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Cancelled)) setError(toApiError(thrown));
      return false;
    } finally {
      setIsWorking(false);
    }
  };
  return { isWorking, error, run };
}
