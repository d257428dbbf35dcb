/** The words of a package's README, in both languages. */
export interface ReadmeFacts {
  readonly generatedAt: string;
  readonly patientId: string;
  readonly organization: string;
  readonly zone: string;
  readonly schemaVersion: number;
  readonly version: string;
}

/** The text of README.txt: English first, then Spanish. */
export function readme(facts: ReadmeFacts): string {
  return `${english(facts)}\n\n${"-".repeat(78)}\n\n${spanish(facts)}\n`;
}

function english({ generatedAt, patientId, organization, zone, schemaVersion, version }: ReadmeFacts): string {
  return `EVERYTHING ISLET HOLDS ABOUT YOU

Made ${generatedAt} by Islet ${version} for ${patientId}, kept by ${organization}.
Format version ${schemaVersion}. Informational only: no diagnosis, no dosing advice.

What is where
  profile/   who you are here, and your time zone
  account/   your account and where you are signed in (only in a package that you asked for yourself)
  provided/  what you said or entered: connections, treatments, zones, which sources you prefer
  clinic/    your requests for appointments, and what the clinic wrote to them
  observed/  what devices and vendors measured: samples (one file a metric), sleeps, workouts,
             the sources (series), and what vendors said before they corrected themselves (versions)
  derived/   what Islet computed from it: days, and your glucose report as PDF
  access/    who may see your data, who looked at it, packages and erasures you asked for
  raw/       what vendors and devices sent, byte for byte, and raw/index.jsonl, which says what each file is
  schema/    JSON Schemas (2020-12) of the rows of every .jsonl file
  manifest.json  every file with its SHA-256 and number of rows; which schema it follows; what was left out and why

How to read it
  .jsonl files have one JSON object a line; .csv files are the same rows for spreadsheets (UTF-8, comma, CRLF).
  A text in a .csv that a spreadsheet would run as a formula has an apostrophe in front.
  Units stand beside the values, or in the name of the column. Glucose is kept in mg/dL and told in mmol/L, too.
  Times are UTC (they end in Z). offsetMinutes is what your clock was ahead of UTC; time_local is what it showed.
  Before the first entry of provided/zones your zone is ${zone}.
  deliveryId leads from a value to the raw bytes that it was read from.
  observed/samples/glucose.csv can be imported again: islet import glucose.csv --patient <you>`;
}

function spanish({ generatedAt, patientId, organization, zone, schemaVersion, version }: ReadmeFacts): string {
  return `TODO LO QUE ISLET GUARDA SOBRE TI

Hecho el ${generatedAt} por Islet ${version} para ${patientId}; lo guarda ${organization}.
Versión del formato ${schemaVersion}. Solo informativo: no es un diagnóstico ni un consejo de dosis.

Qué hay en cada sitio
  profile/   quién eres aquí y tu zona horaria
  account/   tu cuenta y dónde tienes la sesión abierta (solo si el paquete lo pediste tú)
  provided/  lo que dijiste o escribiste: conexiones, tratamientos, zonas horarias, fuentes preferidas
  clinic/    tus solicitudes de cita y lo que el centro escribió a ellas
  observed/  lo que midieron dispositivos y fabricantes: muestras (un archivo por medida), sueño, entrenamientos,
             las fuentes (series) y lo que dijeron los fabricantes antes de corregirse (versions)
  derived/   lo que Islet calculó: los días y tu informe de glucosa en PDF
  access/    quién puede ver tus datos, quién los miró, paquetes y borrados que pediste
  raw/       lo que enviaron fabricantes y dispositivos, byte a byte, y raw/index.jsonl, que dice qué es cada archivo
  schema/    esquemas JSON (2020-12) de las filas de cada archivo .jsonl
  manifest.json  cada archivo con su SHA-256 y número de filas, su esquema, y lo que no se incluye y por qué

Cómo leerlo
  Los .jsonl tienen un objeto JSON por línea; los .csv son las mismas filas para hojas de cálculo (UTF-8, coma, CRLF).
  Un texto de un .csv que una hoja de cálculo ejecutaría como fórmula lleva un apóstrofo delante.
  Las unidades están junto a los valores o en el nombre de la columna. La glucosa se guarda en mg/dL y se da también en mmol/L.
  Las horas son UTC (terminan en Z). offsetMinutes es lo que tu reloj iba por delante de UTC; time_local es lo que marcaba.
  Antes de la primera entrada de provided/zones tu zona es ${zone}.
  deliveryId lleva de un valor a los bytes de los que se leyó.
  observed/samples/glucose.csv se puede volver a importar: islet import glucose.csv --patient <tú>`;
}
