/** Reading 90 days of 5-minute glucose over HTTP, columnar, against the same rows by plain SQL through the same client, in the same run. */
import pg from "pg";
import { request } from "undici";
import { processNow } from "#sync/process.ts";
import { atMost, percentile, told, type Figure } from "./figure.ts";
import { dexcomPage, layGround } from "./ground.ts";

const DAYS = 90;
const ROUNDS = 60;

export async function benchQuery(): Promise<Figure[]> {
  const ground = await layGround();
  const owner = new pg.Client({ connectionString: ground.ownerUrl });
  await owner.connect();
  const server = await ground.app.server({ isReady: () => true, simulator: null });
  await server.listen({ port: ground.port, host: "127.0.0.1" });
  try {
    const toMs = Math.floor(Date.now() / 300_000) * 300_000;
    const fromMs = toMs - DAYS * 86_400_000;
    for (let at = fromMs; at < toMs; at += 30 * 86_400_000) {
      const { id } = await ground.app.sync.inbox.accept({
        provider: "dexcom", via: "pull", resource: "egvs", body: dexcomPage(at, 8_640), headers: {}, owner: ground.connection, causedBy: null, dedupeKey: null,
      });
      await processNow(ground.app.sync, [id], new AbortController().signal);
    }
    await owner.query("vacuum analyze samples");
    const origin = `http://127.0.0.1:${ground.port}`;
    const signIn = await request(`${origin}/api/v1/tokens`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email: ground.email, password: ground.password }),
    });
    const { accessToken } = (await signIn.body.json()) as { accessToken: string };
    const url = `${origin}/api/v1/patients/me/glucose/series?from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;
    const overHttp: number[] = [];
    const bySql: number[] = [];
    let readings = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      let begun = performance.now();
      const reply = await request(url, { headers: { authorization: `Bearer ${accessToken}` } });
      readings = ((await reply.body.json()) as { times: number[] }).times.length;
      overHttp.push(performance.now() - begun);
      begun = performance.now();
      await owner.query({
        name: "baseline", values: [ground.connection.patientId],
        text: "select start_at, value from samples s join series r on r.id = s.series_id and r.patient_id = s.patient_id where s.patient_id = $1 and r.metric = 1 order by start_at",
      });
      bySql.push(performance.now() - begun);
    }
    const p50 = percentile(overHttp, 0.5);
    return [
      told("query: readings in the series", readings, "readings"),
      atMost("query: 90-day glucose series over HTTP, p50", p50, "ms", 5),
      told("query: 90-day glucose series over HTTP, p99", percentile(overHttp, 0.99), "ms"),
      told("query: the same rows by plain SQL, p50", percentile(bySql, 0.5), "ms"),
      told("query: HTTP against plain SQL", p50 / percentile(bySql, 0.5), "ratio"),
    ];
  } finally {
    server.server.closeAllConnections();
    await server.close();
    await owner.end();
    await ground.close();
  }
}
