/** Whether calls go where a person said. */
import type { Driver } from "#driver/types.ts";
import type { SyncContext } from "./context.ts";
import type { Provider } from "./providers.ts";

/** Whether people say where the vendor's server is: each connection has one of its own. */
export function isAddressGiven({ auth }: Pick<Driver, "auth">): boolean {
  return auth.kind === "credentials" && auth.fields.some(({ form }) => form === "address");
}

/** Then they go to the open Internet only, unless the operator allows more or has set the address. Faults OA-26. */
export function isPublicOnly(context: Pick<SyncContext, "allowsPrivateAddresses">, { driver, config }: Provider): boolean {
  return isAddressGiven(driver) && !context.allowsPrivateAddresses && config.settings["base_url"] === undefined;
}
