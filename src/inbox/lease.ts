/** How long a claim holds without a sign of life: then its worker is taken for dead and others may take over. */
export const LEASE_SECONDS = 30;
/** How often a living worker renews its claims. */
export const RENEW_EVERY_MS = 10_000;
