/** Whether calls go where a person said. */
import type { SyncContext } from "./context.ts";
import type { Provider } from "./providers.ts";

/** Then they go to the open Internet only, unless the operator allows more or has set the address. Faults OA-26. */
export function isPublicOnly(context: Pick<SyncContext, "allowsPrivateAddresses">, { driver, config }: Provider): boolean {
  const isGiven = driver.auth.kind === "credentials" && driver.auth.fields.some(({ form }) => form === "address");
  return isGiven && !context.allowsPrivateAddresses && config.settings["base_url"] === undefined;
}
