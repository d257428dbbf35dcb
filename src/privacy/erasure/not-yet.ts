/** What keeps a step of an erasure from its end for now, and is nobody's fault: it is tried again later. */
export class NotYet extends Error {}

/** Somebody else goes on with the erasure, or a hold was placed: whoever hears this stops. */
export class LeaseLost extends Error {}
