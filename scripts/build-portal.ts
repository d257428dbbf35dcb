/** Before `npm start`: builds the portal when its sources are newer than what was built, and only then. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const web = join(root, "web");
const built = join(web, "dist", "index.html");
const vite = join(root, "node_modules", "vite", "bin", "vite.js");

function newest(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(web, "dist")))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

const isFresh = existsSync(built) && statSync(built).mtimeMs >= newest(web);
// An image without development packages carries the built portal.
if (!isFresh && existsSync(vite)) {
  const result = spawnSync(process.execPath, [vite, "build", web, "--logLevel", "warn"], { stdio: "inherit" });
  process.exit(result.status ?? 1);
}
