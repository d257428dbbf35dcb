/** Tidepool's visualization library over the same readings, where it is installed. It is 145 MB with what it needs, so it is no dependency of Islet. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { median, told, type Figure } from "./figure.ts";

interface DataUtil {
  addData(data: readonly object[], patientId: string): unknown;
  query(query: object): unknown;
}

const STATISTICS = ["averageGlucose", "coefficientOfVariation", "glucoseManagementIndicator", "sensorUsage", "standardDev", "timeInRange", "bgExtents"];
const BOUNDS = { veryHighThreshold: 250, targetUpperBound: 180, targetLowerBound: 70, veryLowThreshold: 54 };
/** As its backend stores mg/dL. */
const MG_DL_PER_MMOL_L = 18.01559;

/** Seven statistics, against everything here. None where ISLET_BENCH_TIDEPOOL does not name a folder with `@tidepool/viz` in its node_modules. */
export async function tidepoolFigures({ timesMs, values }: { readonly timesMs: Float64Array; readonly values: Float64Array }, zone: string, everythingMs: number): Promise<Figure[]> {
  const folder = process.env["ISLET_BENCH_TIDEPOOL"];
  if (folder === undefined) return [];
  const util = await loadDataUtil(folder);
  const about = { deviceId: "bench", uploadId: "bench", timezoneOffset: 0 };
  const data = Array.from(values, (value, i) => ({ ...about, type: "cbg", id: `bench${i}`, units: "mmol/L", value: value / MG_DL_PER_MMOL_L, time: new Date(timesMs[i]!).toISOString() }));
  const upload = { ...about, type: "upload", id: "bench", deviceTags: ["cgm"], deviceModel: "bench", deviceManufacturers: ["Dexcom"], time: new Date(timesMs[0]!).toISOString() };
  const startedMs = performance.now();
  util.addData([upload, ...data], "bench");
  const addedMs = performance.now() - startedMs;
  const query = {
    endpoints: [timesMs[0], timesMs.at(-1)! + 1], bgSource: "cbg", bgPrefs: { bgUnits: "mg/dL", bgBounds: BOUNDS }, timePrefs: { timezoneAware: true, timezoneName: zone }, stats: STATISTICS,
  };
  const took = Array.from({ length: 5 }, () => {
    const fromMs = performance.now();
    util.query(query);
    return performance.now() - fromMs;
  });
  return [
    told("glucose: Tidepool viz, taking in the readings", addedMs, "ms"), told("glucose: Tidepool viz, 7 statistics", median(took), "ms"),
    told("glucose: Tidepool viz, 7 statistics, against everything here", median(took) / everythingMs, "x"),
  ];
}

/** Its files mix module systems that no runtime takes together; bundled they run. */
async function loadDataUtil(folder: string): Promise<DataUtil> {
  const out = mkdtempSync(join(tmpdir(), "islet-bench-"));
  try {
    const entry = join(folder, "islet-bench-entry.js");
    writeFileSync(entry, 'export { DataUtil } from "@tidepool/viz/dist/data.js";');
    await build({
      root: folder, configFile: false, logLevel: "silent", ssr: { noExternal: true },
      build: { ssr: entry, outDir: out, emptyOutDir: true, rolldownOptions: { output: { format: "cjs", entryFileNames: "viz.cjs" } } },
    });
    rmSync(entry);
    const { DataUtil: Util } = createRequire(import.meta.url)(join(out, "viz.cjs")) as { DataUtil: new () => DataUtil };
    return new Util();
  } finally {
    rmSync(out, { recursive: true });
  }
}
