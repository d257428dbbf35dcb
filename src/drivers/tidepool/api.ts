/** Tidepool's doors: who, and the data of a window. Source: vendors/tidepool.md, Identity and Data endpoint. */
import { z } from "zod";
import { InvalidInput } from "#errors.ts";
import { parseEnvelope } from "#driver/payload.ts";
import type { DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import { DAY_MS } from "#units/time.ts";

/** An answer is one list without pages: 30 days at most are advised, half of it keeps a sensor and a pump below ten megabytes. */
export const MAX_WINDOW_MS = 15 * DAY_MS;
const TIMEOUT_MS = 60_000;

/** What is asked for: everything that a record exists for. */
const TYPES = ["cbg", "smbg", "bloodKetone", "bolus", "basal", "wizard", "food", "insulin", "physicalActivity"];

const user = z.object({ userid: z.string().min(1) });

export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const response = await call.fetch("/auth/user");
  return { vendorUserId: parseEnvelope(user, response.json(), "Tidepool account").userid, grantedScopes: null };
}

/** One answer for each part of the window, oldest first. Bounds are inclusive at the vendor. */
export async function* pull(call: DriverCall, request: PullRequest): AsyncGenerator<PulledPage> {
  if (request.resource !== "data" || !("window" in request)) throw new InvalidInput("Tidepool answers for windows of data only.");
  const { fromMs: startMs, toMs: endMs } = request.window;
  const userId = encodeURIComponent(call.account.vendorUserId ?? "");
  for (let fromMs = startMs; fromMs < endMs; fromMs += MAX_WINDOW_MS) {
    call.signal.throwIfAborted();
    const toMs = Math.min(fromMs + MAX_WINDOW_MS, endMs);
    const response = await call.fetch(`/data/${userId}`, {
      query: {
        type: TYPES.join(","), startDate: new Date(fromMs).toISOString(), endDate: new Date(toMs - 1).toISOString(), carelink: "true", medtronic: "true",
        ...(call.settings["all_cgm"] === "off" ? {} : { dexcom: "true" }),
      },
      timeoutMs: TIMEOUT_MS,
    });
    parseEnvelope(z.array(z.unknown()), response.json(), "Tidepool data");
    yield { resource: "data", body: response.body };
  }
}
