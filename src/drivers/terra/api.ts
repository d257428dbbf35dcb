/** Terra's data doors. Source: vendors/terra.md, Data endpoints and Deauthorisation. */
import { InvalidInput, ReauthorizationRequired } from "#errors.ts";
import type { AppCall, DriverCall, ProviderAccount, PulledPage, PullRequest } from "#driver/types.ts";
import { accountOf, infoOf, isAlive } from "./auth.ts";

const PULLED = ["daily", "body", "sleep", "activity", "nutrition", "menstruation"];
const TIMEOUT_MS = 60_000;
/** As `MAX_WINDOW_MS` of the sheet. */
const LONGEST_MS = 28 * 86_400_000;

export async function identify(call: DriverCall): Promise<ProviderAccount> {
  const info = await infoOf(call.fetch, call.account.vendorUserId ?? "");
  if (!info || !isAlive(info)) throw new ReauthorizationRequired("Terra no longer knows this account.");
  return accountOf(info);
}

/** Pages of a window, oldest first. Inline: by default Terra would only acknowledge and send the data by webhook. */
export async function* pull(call: DriverCall, request: PullRequest): AsyncGenerator<PulledPage> {
  const { resource } = request;
  if (!PULLED.includes(resource) || !("window" in request)) throw new InvalidInput(`Terra has no windows of "${resource}".`);
  for (let { fromMs } = request.window; fromMs < request.window.toMs; fromMs += LONGEST_MS) {
    call.signal.throwIfAborted();
    const toMs = Math.min(fromMs + LONGEST_MS, request.window.toMs);
    const response = await call.fetch(`/${resource}`, {
      query: {
        user_id: call.account.vendorUserId ?? "", start_date: Math.floor(fromMs / 1000), end_date: Math.ceil(toMs / 1000), to_webhook: "false", with_samples: "true",
      },
      timeoutMs: TIMEOUT_MS,
      accept: [404],
    });
    if (response.status === 404) throw new ReauthorizationRequired("Terra no longer knows this account.");
    const answer = response.json();
    // A mere acknowledgement: a large request, whose data comes by webhook.
    if (typeof answer === "object" && answer !== null && !("data" in answer) && "reference" in answer) continue;
    yield { resource, body: response.body };
  }
}

/** Ends the account at Terra and at the vendor behind. Unknown there is ended, too. */
export async function revoke(call: DriverCall, app?: AppCall): Promise<void> {
  await (app?.fetch ?? call.fetch)("/auth/deauthenticateUser", { method: "DELETE", query: { user_id: call.account.vendorUserId ?? "" }, accept: [404] });
}
