/** What the simulated clouds are given from outside. */

export type SimVendor = "dexcom" | "garmin" | "strava";

export const SIM_VENDORS: readonly SimVendor[] = ["dexcom", "garmin", "strava"];

/** An application registered with a cloud. */
export interface SimClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Exact matches for Dexcom and Garmin; for Strava their hosts are the Authorization Callback Domains. */
  readonly redirectUris: readonly string[];
}

/** Where the clouds keep what must outlive the process: grants, the push subscription, extra workouts. */
export interface SimStore {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

export interface RateWindow {
  readonly quarterHour: number;
  readonly day: number;
}

/**
 * Read at each use, not copied, but for the two that say so: a getter may answer with what is known only after listening (a port).
 */
export interface SimOptions {
  /** URL under which the server and browsers reach the simulator, e.g. `http://127.0.0.1:3000/sim`; no trailing slash. */
  readonly baseUrl: string;
  now(): number;
  readonly seed: number;
  readonly clients: Readonly<Record<SimVendor, SimClient>>;
  /** Where Garmin pushes; null sends nothing. Strava's address comes from its push subscription. */
  readonly webhookUrls: { readonly garmin: string | null };
  /** Sends one push and resolves with the status; throws when there is no answer in time. Default: POST over HTTP. */
  send?(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<number>;
  /** Fetches a subscription challenge. Default: GET over HTTP. Throws when there is no answer in time. */
  challenge?(url: string, timeoutMs: number): Promise<{ status: number; contentType: string; body: string }>;
  readonly store?: SimStore;
  /** Age a reading must have before Dexcom shows it. The real cloud holds data back 1–3 hours; 0 (default) shows the current value. Initial setting. */
  readonly delayMinutes?: number;
  /** Whether Strava events carry `X-Strava-Signature`; the vendor's documents are unsettled. Default false. Initial setting. */
  readonly signStravaEvents?: boolean;
  /** Default: 200 and 2000 calls, of which 100 and 1000 reads (vendors/strava.md, Rate limits). */
  readonly stravaLimits?: { readonly overall: RateWindow; readonly read: RateWindow };
}
