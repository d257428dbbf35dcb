/** The demo: simulated vendor clouds under /sim, with a client of ours registered at each. */
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import type { Config, ProviderConfig } from "./config.ts";
import { Secret } from "./secret.ts";
import { createSim, SIM_CLOUDS, type Sim, type SimClient, type SimStore } from "#sim/sim.ts";

export interface Demo {
  readonly sim: Sim;
  /** All vendors of this installation: those with real credentials keep them, the others get their simulated cloud. */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** Names of the vendors whose cloud is simulated. */
  readonly simulated: readonly string[];
}

export interface DemoParts {
  readonly clock: Clock;
  readonly secret: string;
  /** Where this process reaches itself, e.g. http://127.0.0.1:3000. */
  readonly localUrl: string;
  readonly seed: number;
  /** File in which the clouds keep their grants, so that connections outlive a restart; null keeps nothing. */
  readonly stateFile: string | null;
}

export function createDemo(config: Config, parts: DemoParts): Demo {
  const { localUrl, secret, stateFile } = parts;
  const clients = new Map(SIM_CLOUDS.map(({ id, clientExtras }): [string, Required<SimClient>] => [id, {
    clientId: `islet-demo-${id}`, clientSecret: `${id}-${secret}`, redirectUris: config.publicOrigins.map((origin) => `${origin}/oauth/${id}/callback`),
    extras: Object.fromEntries(clientExtras.map((name) => [name, `${id}-${name}-${secret}`])),
  }]));
  const sim = createSim({
    baseUrl: `${localUrl}/sim`,
    now: () => parts.clock.now(),
    seed: parts.seed,
    clients: Object.fromEntries(clients),
    webhookUrls: Object.fromEntries([...clients.keys()].map((id) => [id, `${localUrl}/webhooks/${id}`])),
    ...(stateFile === null ? {} : { store: fileStore(stateFile) }),
  });
  const phones = new Set(SIM_CLOUDS.filter(({ isPhone }) => isPhone).map(({ id }) => id));
  const providers = new Map(config.providers);
  for (const [vendor, { clientId, clientSecret, extras }] of clients) {
    const real = providers.get(vendor);
    if (real && !real.isByDefault) continue;
    if (phones.has(vendor)) {
      // No cloud stands behind a phone: a real one can be paired in the demo, too.
      if (real) providers.set(vendor, { ...real, demoDeviceUrl: `${config.publicOrigins[0]!}/sim/${vendor}/phone` });
      continue;
    }
    // The consent page is opened by the browser, which knows this Islet by its public address.
    const settings = { ...extras, base_url: `${localUrl}/sim/${vendor}`, browser_base_url: `${config.publicOrigins[0]!}/sim/${vendor}` };
    providers.set(vendor, { clientId, clientSecret: new Secret(clientSecret), settings, isSimulated: true });
  }
  const simulated = SIM_CLOUDS.filter(({ id }) => providers.get(id)?.isSimulated).map(({ name }) => name);
  return { sim, providers, simulated };
}

function fileStore(file: string): SimStore {
  return {
    read: () =>
      readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      }),
    write: async (text) => {
      await writeFile(`${file}.new`, text, { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
  };
}
