/** Opaque, signed cursors: a page's end that the client hands back unread. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { InvalidInput } from "../errors.ts";
import type { ApiContext } from "./context.ts";

/** `scope` binds a cursor to its list and filters, so that it cannot be used for another. */
export function encodeCursor(context: Pick<ApiContext, "cursorSecret">, scope: string, position: readonly (string | number)[]): string {
  const payload = Buffer.from(JSON.stringify(position)).toString("base64url");
  return `${payload}.${signature(context, scope, payload)}`;
}

/** Throws InvalidInput for a cursor that is not ours or of another list. */
export function decodeCursor(context: Pick<ApiContext, "cursorSecret">, scope: string, cursor: string): (string | number)[] {
  const [payload = "", given = "", ...rest] = cursor.split(".");
  const expected = Buffer.from(signature(context, scope, payload));
  const got = Buffer.from(given);
  if (rest.length > 0 || got.length !== expected.length || !timingSafeEqual(got, expected)) {
    throw new InvalidInput("The cursor does not belong to this list.", { issues: [{ pointer: "/querystring/cursor", detail: "use nextCursor of the page before, with the same filters" }] });
  }
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as (string | number)[];
}

function signature(context: Pick<ApiContext, "cursorSecret">, scope: string, payload: string): string {
  return createHmac("sha256", context.cursorSecret).update(`cursor\0${scope}\0${payload}`).digest("base64url").slice(0, 22);
}
