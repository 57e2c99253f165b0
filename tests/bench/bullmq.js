// The anchor of the task engine: BullMQ with a job that does nothing, in one
// process. Prints one line of JSON. Usage: bullmq.js drain|flow|latency HOST PORT USER PASSWORD_FILE COUNT
//
// drain: all jobs are there before the worker starts. flow: added meanwhile.
// latency: 100 a second, from the answer of add() to the processor; those of the first second do not count.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker } from "bullmq";

const [mode, host, port, username, passwordFile, count] = process.argv.slice(2);
const total = Number(count);
const connection = {
  host,
  port: Number(port),
  username,
  password: readFileSync(passwordFile, "utf8").trim(),
  maxRetriesPerRequest: null,
};
const perAdd = 100;
const perSecond = 100;
const name = `bench-${process.pid}`;
const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true } });
await queue.waitUntilReady();

const handledAt = [];
let worker;

// Resolves when `total` jobs are completed.
function work() {
  let completed = 0;
  return new Promise((resolve, reject) => {
    worker = new Worker(name, async (job) => { handledAt[job.data.number] = performance.now(); },
      { connection, concurrency: 50 });
    worker.on("completed", () => { if (++completed === total) resolve(); });
    worker.on("failed", (job, error) => reject(error));
    worker.on("error", reject);
  });
}

async function add() {
  for (let from = 0; from < total; from += perAdd) {
    const size = Math.min(perAdd, total - from);
    await queue.addBulk(Array.from({ length: size }, (_, i) => ({ name: "nothing", data: { number: from + i } })));
  }
}

async function rate() {
  if (mode === "drain") await add();
  const begin = performance.now();
  const done = work();
  if (mode === "flow") await add();
  await done;
  return { rate: (1000 * total) / (performance.now() - begin) };
}

async function latency() {
  const addedAt = [];
  const done = work();
  await worker.waitUntilReady();
  const begin = performance.now();
  for (let i = 0; i < total; ++i) {
    const wait = begin + (1000 * i) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    await queue.add("nothing", { number: i });
    addedAt.push(performance.now());
  }
  await done;
  const found = addedAt.map((at, i) => Math.max(0, handledAt[i] - at)).slice(perSecond).sort((a, b) => a - b);
  const percentile = (rank) => found[Math.min(found.length - 1, Math.floor(found.length * rank))];
  return { p50_ms: percentile(0.5), p95_ms: percentile(0.95), p99_ms: percentile(0.99) };
}

const line = mode === "latency" ? await latency() : await rate();
await worker.close();
await queue.obliterate({ force: true });
await queue.close();
console.log(JSON.stringify(line));
