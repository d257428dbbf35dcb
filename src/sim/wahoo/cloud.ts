/** Wahoo's cloud. Written from vendors/wahoo.md. */

import type { Cloud } from "../cloud.ts";
import { filePath, wahooApiRoutes } from "./api.ts";
import { WAHOO_LIMITS } from "./limits.ts";
import { pushWahoo, tickWahoo, WAHOO_PUSHES } from "./notices.ts";
import { wahooOAuthRoutes, wahooUserId } from "./oauth.ts";
import { refuseAsWahoo } from "./refusal.ts";
import type { WahooWorld } from "./world.ts";
import { createEdits } from "./world.ts";

export const wahoo: Cloud = {
  id: "wahoo",
  name: "Wahoo",
  tokens: {
    // No life of codes is stated.
    codeSeconds: 600, accessSeconds: 7_200, refreshSeconds: null, consentSeconds: null, keepAboveSeconds: null,
    // The former refresh token is dead once the new access token is used.
    graceSeconds: 365 * 86_400, graceEndsWithUse: true,
  },
  // About so long after the first try and the next ones. How long an answer may take is not stated.
  delivery: { timeoutMs: 10_000, retrySeconds: [1_800, 4 * 3_600, 24 * 3_600, 72 * 3_600], isTaken: ({ status }) => status === 200 },
  clientExtras: ["webhook_token"],
  shownParameters: ["page", "per_page"],
  switches: [
    ...WAHOO_LIMITS,
    { name: "tokensPerPerson", label: "Access tokens that a person may have at once", positions: { least: 1, most: 999_999 }, initial: "10" },
    { name: "permissionsAnswer", label: "The end of the permissions is answered", positions: ["204", "200"], initial: "204" },
    { name: "fileField", label: "A summary names its file in", positions: ["file", "files"], initial: "file" },
  ],
  refuse: refuseAsWahoo,
  create(context) {
    const world: WahooWorld = { context, edits: createEdits(context), fileUrl: (number) => context.baseUrl + filePath(number) };
    return {
      routes: [...wahooOAuthRoutes(context), ...wahooApiRoutes(world)],
      pushes: WAHOO_PUSHES,
      push: (person, what, detail) => pushWahoo(world, person, what, detail),
      tick: () => tickWahoo(world),
      facts: (person) => ({ userId: wahooUserId(context, person) }),
    };
  },
};
