/** The demo: simulated vendor clouds under /sim, with a client of ours registered at each. */
import type { Clock } from "./clock.ts";
import type { Config, ProviderConfig } from "./config.ts";
import { Secret } from "./secret.ts";
import type { Driver } from "#driver/types.ts";
import { createSim, type Sim } from "#sim/sim.ts";

/** Vendors that have a simulated cloud. */
const CLOUDS = ["dexcom", "garmin", "strava"] as const;

export interface Demo {
  readonly sim: Sim;
  /** All vendors of this installation: those with real credentials keep them, the others get their simulated cloud. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
}

/** `localUrl` is where this process reaches itself, e.g. http://127.0.0.1:3000. */
export function createDemo(config: Config, parts: { clock: Clock; drivers: readonly Driver[]; secret: string; localUrl: string; seed: number }): Demo {
  const { localUrl, secret } = parts;
  const client = (vendor: string) => ({
    clientId: `islet-demo-${vendor}`, clientSecret: `${vendor}-${secret}`, redirectUris: config.publicOrigins.map((origin) => `${origin}/oauth/${vendor}/callback`),
  });
  const sim = createSim({
    baseUrl: `${localUrl}/sim`,
    now: () => parts.clock.now(),
    seed: parts.seed,
    clients: { dexcom: client("dexcom"), garmin: client("garmin"), strava: client("strava") },
    webhookUrls: { garmin: `${localUrl}/webhooks/garmin` },
  });
  const providers = new Map(config.providers);
  for (const vendor of CLOUDS) {
    if (providers.has(vendor)) continue;
    const { clientId, clientSecret } = client(vendor);
    // The consent page is opened by the browser, which knows this Islet by its public address.
    const settings = { base_url: `${localUrl}/sim/${vendor}`, browser_base_url: `${config.publicOrigins[0]!}/sim/${vendor}` };
    providers.set(vendor, { clientId, clientSecret: new Secret(clientSecret), settings, isSimulated: true });
  }
  return { sim, providers };
}
