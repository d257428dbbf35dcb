/** The version of this Islet, as its package tells it. */
import manifest from "../package.json" with { type: "json" };

export const VERSION: string = manifest.version;
