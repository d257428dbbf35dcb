import type { Answer } from "../exchange.ts";
import { json } from "../exchange.ts";

/** `{message, errors:[{resource, field, code}]}`, as all of Strava's refusals. */
export function stravaRefusal(status: number, message: string, error: readonly [resource: string, field: string, code: string] | null): Answer {
  return json(status, { message, errors: error ? [{ resource: error[0], field: error[1], code: error[2] }] : [] });
}
