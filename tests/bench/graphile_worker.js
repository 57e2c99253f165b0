// A published queue on PostgreSQL beside what kills such queues: a transaction that holds its snapshot. graphile-worker,
// with a job that does nothing, in one process. Prints one line of JSON.
// Usage: graphile_worker.js HOST PORT DATABASE USER PASSWORD_FILE RATE PER_TICK SECONDS
//
// RATE jobs a second, PER_TICK of them in one statement: for SECONDS with nothing beside it, then for SECONDS beside the
// snapshot. Rates are of jobs handled while others were added; times go from the statement's answer to the handler, of
// jobs that were handled by then.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Logger, run } from "graphile-worker";
import pg from "pg";

const [host, port, database, user, passwordFile, ...numbers] = process.argv.slice(2);
const [rate, perTick, seconds] = numbers.map(Number);
const pool = new pg.Pool({
  host, port: Number(port), database, user, password: readFileSync(passwordFile, "utf8").trim(), max: 12,
});

let round = 0;
let handledAt = [];
const worker = await run({
  pgPool: pool,
  concurrency: 50,
  noHandleSignals: true,
  logger: new Logger(() => (level, text) => { if (level === "error") console.error(text); }),
  taskList: { nothing: async (job) => { if (job.round === round) handledAt[job.number] = performance.now(); } },
});

// RATE jobs a second for that many seconds.
async function runSteadily(length) {
  ++round;
  handledAt = [];
  const addedAt = [];
  const total = rate * length;
  const begin = performance.now();
  for (let from = 0; from < total; from += perTick) {
    const wait = begin + (1000 * from) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    await pool.query(
      `SELECT graphile_worker.add_job('nothing', json_build_object('round', $1::int, 'number', n))
         FROM generate_series($2::int, $3::int) AS n`, [round, from, from + perTick - 1]);
    addedAt.length = from + perTick;
    addedAt.fill(performance.now(), from);
  }
  const took = performance.now() - begin;
  const found = addedAt.map((at, i) => Math.max(0, handledAt[i] - at)).filter((x) => !Number.isNaN(x)).sort((a, b) => a - b);
  const percentile = (rank) => found[Math.min(found.length - 1, Math.floor(found.length * rank))];
  return { rate: (1000 * found.length) / took, p50_ms: percentile(0.5), p99_ms: percentile(0.99) };
}

async function holdSnapshot() {
  const client = await pool.connect();
  await client.query("SELECT pg_sleep($1)", [seconds]); // one statement sees the database as it was when it began
  client.release();
}

await runSteadily(1);
const clean = await runSteadily(seconds);
const holder = holdSnapshot();
const held = await runSteadily(seconds);
await holder;
await sleep(60000);
const dead = await pool.query("SELECT max(n_dead_tup)::int AS most FROM pg_stat_user_tables WHERE schemaname = 'graphile_worker'");
await worker.stop();
await pool.end();
console.log(JSON.stringify({
  clean_rate: clean.rate, held_rate: held.rate, ratio: held.rate / clean.rate,
  clean_p50_ms: clean.p50_ms, clean_p99_ms: clean.p99_ms, held_p50_ms: held.p50_ms, held_p99_ms: held.p99_ms,
  dead_tuples_after_a_minute: dead.rows[0].most,
}));
