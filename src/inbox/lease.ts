/** How long a claim holds without a sign of life: then its worker is taken for dead and others take over, within a minute (faults QU-01). */
export const LEASE_SECONDS = 20;
/** How often a living worker renews its claims. */
export const RENEW_EVERY_MS = 5_000;
/** How often somebody looks for claims of dead workers, and for deliveries whose time has come. */
export const LOOK_EVERY_MS = 5_000;
