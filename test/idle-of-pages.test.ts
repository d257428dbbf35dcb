/** The pages warn before a session ends for want of its person: they must mean the same time as the server. */
import { expect, it } from "vitest";
import { idleMsOf as idleOfServer, LIVES } from "#people/sessions/lives.ts";
import { idleMsOf } from "#web/client/presence.ts";

it("is the same in the pages and on the server [AU-21]", () => {
  for (const roles of [["patient"], ["follower"], ["clinician"], ["admin"], ["patient", "clinician"]] as const) {
    expect(idleMsOf(roles), roles.join()).toBe(idleOfServer(LIVES, roles));
  }
});
