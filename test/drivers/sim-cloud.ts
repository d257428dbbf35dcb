/** One of the simulated clouds on a port of its own, with one of its people, for the contract suite. */
import Fastify from "fastify";
import type { AddressInfo } from "node:net";
import type { Clock } from "#clock.ts";
import { createSim, type SimControl, type SimVendor } from "#sim/sim.ts";
import { consentAs } from "./consent.ts";
import type { ContractCloud } from "./contract-world.ts";

export interface SimCloud extends ContractCloud {
  readonly control: SimControl;
}

const CLIENT_ID = "islet-contract";
const CLIENT_SECRET = "contract-secret-7d1f0c5b9a3e";

/** Starts the cloud of `vendor`; consent is given by `person`. Its clock is the test's, its pushes go nowhere. */
export async function startSimCloud(vendor: SimVendor, person: string, clock: Clock): Promise<SimCloud> {
  const redirectUri = `https://islet.example/oauth/${vendor}/callback`;
  const client = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, redirectUris: [redirectUri] };
  const server = Fastify();
  let origin = "";
  const sim = createSim({
    get baseUrl() {
      return `${origin}/sim`;
    },
    now: () => clock.now(),
    seed: 20_260_601,
    clients: { dexcom: client, garmin: client, strava: client },
    webhookUrls: { garmin: null },
  });
  await server.register(sim.plugin, { prefix: "/sim" });
  await server.listen({ port: 0, host: "127.0.0.1" });
  origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return {
    baseUrl: `${origin}/sim/${vendor}`,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUri,
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
