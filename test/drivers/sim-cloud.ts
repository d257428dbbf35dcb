/** One of the simulated clouds on a port of its own, with one of its people, for the contract suite. */
import Fastify from "fastify";
import type { AddressInfo } from "node:net";
import type { Clock } from "#clock.ts";
import { createSim, SIM_CLOUDS, type SimControl, type SimOptions, type SimVendor } from "#sim/sim.ts";
import { consentAs } from "./consent.ts";
import type { ContractAccount, ContractCloud } from "./contract-world.ts";

export interface SimCloud extends ContractCloud {
  readonly control: SimControl;
  /** What the cloud's portal shows besides client id and secret: the driver's settings of these names. */
  readonly extras: Readonly<Record<string, string>>;
  /** What the cloud has pushed, oldest first. */
  readonly pushed: PushedDelivery[];
}

/** What the person enters the cloud with; the key is empty where the cloud has no accounts. */
function accountAt(control: SimControl, vendor: SimVendor, person: string): ContractAccount {
  const found = control.people().find(({ id }) => id === person);
  if (!found) throw new Error(`There is no simulated person ${person}.`);
  return { userName: found.userName, password: found.password, key: found.keys[vendor] ?? "" };
}

export interface PushedDelivery {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

const CLIENT_ID = "islet-contract";
const CLIENT_SECRET = "contract-secret-7d1f0c5b9a3e";

/**
 * Starts the cloud of `vendor`; consent is given by `person`. Its clock is the test's. Its pushes go to nobody: they are taken with
 * 200 and kept in `pushed`. Addresses of subscriptions are called over HTTP, unless `more` says how they answer.
 */
export async function startSimCloud(vendor: SimVendor, person: string, clock: Clock, more: Pick<SimOptions, "challenge"> = {}): Promise<SimCloud> {
  const redirectUri = `https://islet.example/oauth/${vendor}/callback`;
  const sheet = SIM_CLOUDS.find(({ id }) => id === vendor);
  if (!sheet) throw new Error(`There is no simulated cloud of ${vendor}.`);
  const extras = Object.fromEntries(sheet.clientExtras.map((name) => [name, `contract-${name}-5b1e`]));
  const pushed: PushedDelivery[] = [];
  const server = Fastify();
  let origin = "";
  const sim = createSim({
    get baseUrl() {
      return `${origin}/sim`;
    },
    now: () => clock.now(),
    seed: 20_260_601,
    clients: { [vendor]: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUris: [redirectUri], extras } },
    webhookUrls: { [vendor]: `https://islet.example/webhooks/${vendor}` },
    send: (url, headers, body) => {
      pushed.push({ url, headers, body: new TextEncoder().encode(body) });
      return Promise.resolve(200);
    },
    ...more,
  });
  await server.register(sim.plugin, { prefix: "/sim" });
  await server.listen({ port: 0, host: "127.0.0.1" });
  origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return {
    baseUrl: `${origin}/sim/${vendor}`,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUri, extras, pushed,
    account: accountAt(sim.control, vendor, person),
    control: sim.control,
    consent: (authorizeUrl) => consentAs(person, authorizeUrl),
    withdrawConsent: () => sim.control.setFault(vendor, { kind: "token_revoked", person }),
    close: async () => {
      await sim.stop();
      server.server.closeAllConnections();
      await server.close();
    },
  };
}
