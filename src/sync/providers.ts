/** The vendors of this installation: each driver with its client credentials and settings. */
import { ConfigError, NotFound } from "../errors.ts";
import type { ProviderConfig } from "../config.ts";
import type { Driver } from "#driver/types.ts";
import type { Endpoints } from "#oauth/types.ts";

export interface Provider {
  readonly driver: Driver;
  readonly config: ProviderConfig;
  /** Settings of the operator under those of the connection; what neither says has the driver's default. */
  settings(ofConnection?: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  endpoints(ofConnection?: Readonly<Record<string, string>>): Endpoints;
}

export interface Providers {
  /** All drivers, in the registry's order. */
  readonly drivers: readonly Driver[];
  /** Null when the operator has given no credentials for it. Throws NotFound for a vendor there is no driver for. */
  find(id: string): Provider | null;
  /** Throws ConfigError when it is not configured, NotFound when there is no such driver. */
  require(id: string): Provider;
}

export function createProviders(drivers: readonly Driver[], configs: ReadonlyMap<string, ProviderConfig>): Providers {
  const find = (id: string): Provider | null => {
    const driver = drivers.find((candidate) => candidate.id === id);
    if (!driver) throw new NotFound("There is no such vendor.");
    const config = configs.get(id);
    if (!config) return null;
    const settings = (ofConnection: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => {
      const merged: Record<string, string> = {};
      for (const setting of driver.settings) merged[setting.name] = setting.default;
      Object.assign(merged, config.settings);
      for (const setting of driver.settings) {
        const chosen = ofConnection[setting.name];
        if (setting.chosenBy === "connection" && chosen !== undefined) merged[setting.name] = chosen;
      }
      return merged;
    };
    return { driver, config, settings, endpoints: (ofConnection) => driver.endpoints(settings(ofConnection)) };
  };
  return {
    drivers,
    find,
    require: (id) => {
      const provider = find(id);
      if (!provider) throw new ConfigError(`${id} is not set up on this Islet: the operator must give its client id and secret.`);
      return provider;
    },
  };
}
