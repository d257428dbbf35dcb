/** The `status` in Withings' answers, which come as HTTP 200 whatever happened. Source: vendors/withings.md, Errors and quirks. Pure. */

export const AUTHENTICATION_FAILED = [100, 101, 102, 200, 401] as const;
export const UNAUTHORIZED = [214, 277, 2553, 2554, 2555] as const;
export const TOO_MANY_REQUESTS = 601;

/** "Invalid parameters": our request is wrong, and another try of it as well. */
export const INVALID_PARAMETERS: readonly number[] = expand(
  "201-213 216-218 220 221 223 225 227-230 234-236 238 240-252 254 260-267 271 272 275 276 283-288 290 293-295 297 300-304 321 323-353 " +
    "380-382 400 501-506 509-511 523 532 3017-3019",
);
/** "An error occurred", time-outs and bad states: theirs, and over at some time. */
export const ERRORS_OF_WITHINGS: readonly number[] = expand(
  "215 219 222 224 226 231 233 237 253 255-259 268-270 273 274 278-282 289 291 292 296 298 305-320 322 370-375 383 391 402 516-522 " +
    "524-531 533 602 700 1051-1054 2551 2552 2556-2559 3000-3016 3020-3024 5000 5001 5005 5006 6000 6010 6011 9000 10000",
);

const HTTP_STATUSES: ReadonlyMap<number, number> = new Map([
  [0, 200],
  ...AUTHENTICATION_FAILED.map((status) => [status, 401] as const),
  ...UNAUTHORIZED.map((status) => [status, 403] as const),
  ...INVALID_PARAMETERS.map((status) => [status, 400] as const),
  [TOO_MANY_REQUESTS, 429],
]);

/** The HTTP status that others would have sent for it; what is not listed is taken for a trouble of theirs and asked again. */
export function httpStatusOf(status: number): number {
  return HTTP_STATUSES.get(status) ?? 503;
}

/** Answers begin with their status, so that large ones need not be parsed twice. */
const AT_START = /^\s*\{\s*"status"\s*:\s*(-?\d{1,9})\s*[,}]/;

/** `HttpRequest.statusOf` for Withings. What has no status is left to whoever reads the body. */
export function statusOf(body: Uint8Array): number {
  const found = AT_START.exec(new TextDecoder().decode(body.subarray(0, 64)))?.[1];
  const status = found === undefined ? parsedStatus(body) : Number(found);
  return status === null ? 200 : httpStatusOf(status);
}

function parsedStatus(body: Uint8Array): number | null {
  try {
    const answer: unknown = JSON.parse(new TextDecoder().decode(body));
    const status = typeof answer === "object" && answer !== null && "status" in answer ? answer.status : null;
    return typeof status === "number" ? status : null;
  } catch {
    return null;
  }
}

/** `1 3-5` → [1, 3, 4, 5]. */
function expand(ranges: string): number[] {
  return ranges.split(" ").flatMap((range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
