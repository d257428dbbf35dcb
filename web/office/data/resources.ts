/** The resources that react-admin's lists and forms ask for, each by the adapter of its area. */
import type { ResourceAdapter } from "./adapter.ts";

export const RESOURCES: Readonly<Record<string, ResourceAdapter>> = {};
