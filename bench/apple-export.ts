/** An export of Apple Health of any size, made up day by day: a watch, a phone, a glucose sensor, a pump, nights and workouts. Deterministic. */
import { crc32, deflateRawSync } from "node:zlib";

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2015, 0, 1);
/** The day that the template is written for; its dates are replaced. */
const TEMPLATE_DAY = "2001-02-03";
const TEMPLATE_EVE = "2001-02-02";

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
]>
<HealthData locale="en_GB">
 <ExportDate value="2026-03-03 10:00:00 +0100"/>
 <Me HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexNotSet"/>
`;
const FOOT = "</HealthData>\n";

/** Chunks of about `bytes` bytes in all, ending with a whole day. Days begin again after eleven years: a measurement may not lie in the future. */
export async function* exportXml(bytes: number): AsyncGenerator<Uint8Array> {
  const template = dayTemplate();
  const days = Math.ceil(bytes / Buffer.byteLength(template));
  yield Buffer.from(HEAD);
  for (let day = 0; day < days; day += 1) {
    const dayMs = FIRST_DAY_MS + (day % 4_000) * DAY_MS;
    yield Buffer.from(template.replaceAll(TEMPLATE_DAY, dateOf(dayMs)).replaceAll(TEMPLATE_EVE, dateOf(dayMs - DAY_MS)));
  }
  yield Buffer.from(FOOT);
}

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const WATCH = `sourceName="Alex’s Apple\u00a0Watch" sourceVersion="11.2" device="&lt;&lt;HKDevice: 0x301a2b3c0&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch7,1, software:11.2&gt;"`;
const PHONE = `sourceName="Alex’s iPhone" sourceVersion="18.2" device="&lt;&lt;HKDevice: 0x301a2b3d0&gt;, name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone16,1, software:18.2&gt;"`;
const SENSOR = `sourceName="Dexcom G7" sourceVersion="25006" device="&lt;&lt;HKDevice: 0x301a2b3e0&gt;, name:CGM, manufacturer:Dexcom, model:G7&gt;"`;

function dayTemplate(): string {
  const records: string[] = [];
  const add = (type: string, source: string, [from, to, value, unit]: readonly [from: number, to: number, value: number | string, unit?: string], children = ""): void => {
    const unitText = unit === undefined ? "" : ` unit="${unit}"`;
    const open = ` <Record type="${type}" ${source}${unitText} creationDate="${at(to)}" startDate="${at(from)}" endDate="${at(to)}" value="${value}"`;
    records.push(children === "" ? `${open}/>\n` : `${open}>\n${children} </Record>\n`);
  };
  const motion = `  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/>\n`;
  for (let s = 0; s < 86_400; s += 300) add("HKQuantityTypeIdentifierHeartRate", WATCH, [s + 7, s + 7, 55 + ((s / 300) % 60), "count/min"], motion);
  for (let s = 25_200; s < 82_800; s += 240) {
    add("HKQuantityTypeIdentifierStepCount", s % 480 === 0 ? WATCH : PHONE, [s, s + 180, (s / 60) % 190, "count"]);
    add("HKQuantityTypeIdentifierDistanceWalkingRunning", s % 480 === 0 ? WATCH : PHONE, [s, s + 180, (((s / 60) % 190) * 0.0007).toFixed(6), "km"]);
  }
  for (let s = 0; s < 86_400; s += 120) add("HKQuantityTypeIdentifierActiveEnergyBurned", WATCH, [s, s + 110, (0.2 + (s % 977) / 500).toFixed(3), "Cal"]);
  for (let s = 0; s < 86_400; s += 600) add("HKQuantityTypeIdentifierBasalEnergyBurned", WATCH, [s, s + 600, "11.204", "kcal"]);
  for (let s = 0; s < 86_400; s += 300) add("HKQuantityTypeIdentifierBloodGlucose", SENSOR, [s, s, (5 + (s % 1_501) / 400).toFixed(1), "mmol&lt;180.1558800000541&gt;/L"]);
  for (let s = 3_600; s < 25_000; s += 1_800) add("HKQuantityTypeIdentifierOxygenSaturation", WATCH, [s, s, `0.9${4 + (s % 5)}`, "%"]);
  for (let s = 0; s < 86_400; s += 3_600) add("HKQuantityTypeIdentifierEnvironmentalAudioExposure", WATCH, [s, s + 1_800, 40 + (s % 31), "dBASPL"]);
  for (let s = -4_000; s < 22_000; s += 1_500) {
    const stage = ["AsleepCore", "AsleepDeep", "AsleepREM", "Awake"][Math.abs(s / 500) % 4]!;
    add("HKCategoryTypeIdentifierSleepAnalysis", WATCH, [s, s + 1_500, `HKCategoryValueSleepAnalysis${stage}`], `  <MetadataEntry key="HKTimeZone" value="Europe/Madrid"/>\n`);
  }
  const beats = Array.from({ length: 50 }, (_, index) => `   <InstantaneousBeatsPerMinute bpm="${55 + (index % 9)}" time="7:${10 + (index % 49)}:12.${index}"/>\n`).join("");
  for (let s = 0; s < 86_400; s += 14_400) {
    add("HKQuantityTypeIdentifierHeartRateVariabilitySDNN", WATCH, [s, s + 60, 38 + (s % 17), "ms"], `  <HeartRateVariabilityMetadataList>\n${beats}  </HeartRateVariabilityMetadataList>\n`);
    add("HKQuantityTypeIdentifierInsulinDelivery", PHONE, [s + 43, s + 43, 2.5, "IU"], `  <MetadataEntry key="HKInsulinDeliveryReason" value="2"/>\n`);
  }
  return records.join("") + WORKOUT;
}

/** Seconds of the template's day, or of the evening before, as Apple writes them. */
function at(seconds: number): string {
  const date = seconds < 0 ? TEMPLATE_EVE : TEMPLATE_DAY;
  const clock = new Date(((seconds + 86_400) % 86_400) * 1_000).toISOString().slice(11, 19);
  return `${date} ${clock} +0100`;
}

const WORKOUT = ` <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="31.5" durationUnit="min" ${WATCH} creationDate="${at(66_000)}" startDate="${at(64_000)}" endDate="${at(66_000)}">
  <MetadataEntry key="HKTimeZone" value="Europe/Madrid"/>
  <WorkoutEvent type="HKWorkoutEventTypePause" date="${at(64_600)}"/>
  <WorkoutEvent type="HKWorkoutEventTypeResume" date="${at(64_710)}"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" startDate="${at(64_000)}" endDate="${at(66_000)}" sum="5.4" unit="km"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" startDate="${at(64_000)}" endDate="${at(66_000)}" average="149" minimum="98" maximum="171" unit="count/min"/>
 </Workout>
`;

/** A ZIP of one file, written as a stream: its lengths stand behind the data. Packed in blocks, so that nothing large is held. */
export async function* zipped(name: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const fileName = Buffer.from(name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(45, 4);
  header.writeUInt16LE(0x0808, 6); // lengths follow; the name is UTF-8
  header.writeUInt16LE(8, 8);
  header.writeUInt16LE(fileName.length, 26);
  yield header;
  yield fileName;
  let [crc, packed, unpacked] = [0, 0, 0];
  for await (const chunk of source) {
    crc = crc32(chunk, crc);
    unpacked += chunk.length;
    // Flushed but not finished: blocks follow one another.
    const block = deflateRawSync(chunk, { finishFlush: 2 });
    packed += block.length;
    yield block;
  }
  const last = deflateRawSync(Buffer.alloc(0));
  packed += last.length;
  yield last;
  const descriptor = Buffer.alloc(24);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeBigUInt64LE(BigInt(packed), 8);
  descriptor.writeBigUInt64LE(BigInt(unpacked), 16);
  yield descriptor;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  yield end;
}
