/** Connecting at an aggregator's own page: begun with our state in the address of return, ended by asking the vendor whose account it is. */
import type { HostedAuth } from "#driver/auth.ts";
import type { ConnectionRef } from "./connections.ts";
import type { SyncContext } from "./context.ts";
import { appCall } from "./driver-call.ts";
import { linkAccount } from "./link.ts";
import type { Provider } from "./providers.ts";

const PAGE_TIMEOUT_MS = 30_000;

/** The address of the vendor's page. Throws what the vendor's calls throw. */
export async function openHostedPage(
  context: SyncContext, provider: Provider, auth: HostedAuth,
  flow: { readonly redirectUri: string; readonly state: string; readonly patientId: string; readonly settings: Readonly<Record<string, string>>; readonly language: string },
): Promise<string> {
  const returnUrl = new URL(flow.redirectUri);
  returnUrl.searchParams.set("state", flow.state);
  const failureUrl = new URL(returnUrl);
  failureUrl.searchParams.set("error", "vendor_error");
  const app = appCall(context, provider, { ofConnection: flow.settings, signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) });
  const { url } = await auth.begin(app, { reference: flow.patientId, returnUrl: returnUrl.href, failureUrl: failureUrl.href, language: flow.language });
  return url;
}

/** Links the account that the browser came back with. Throws InvalidInput when the vendor does not confirm it. */
export async function finishHosted(
  context: SyncContext, provider: Provider, auth: HostedAuth,
  flow: {
    readonly query: Readonly<Record<string, string | undefined>>; readonly organizationId: string; readonly patientId: string; readonly userId: string;
    readonly settings: Readonly<Record<string, string>>;
  },
): Promise<ConnectionRef> {
  const { organizationId, patientId, userId, settings, query } = flow;
  const app = appCall(context, provider, { ofConnection: settings, signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) });
  const account = await auth.finish(app, { query, reference: patientId });
  return linkAccount(context, provider, { organizationId, patientId, userId, settings, tokens: null, account });
}
