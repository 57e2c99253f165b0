// What a service that is written quickly reaches: CreateCase with grpc-js and
// pg, one statement for case, event and task, no check and no memory of
// repeats. Over TLS with certificates of both ends, as intake; TLS_FOLDER is one that tools/lib/certificates.sh made.
// Usage: node_server.js HOST:PORT TLS_FOLDER PG_HOST PG_PORT PASSWORD_FILE PROTO_DIR...
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import pg from "pg";

const [address, tls, host, port, passwordFile, ...includeDirs] = process.argv.slice(2);
const pool = new pg.Pool({
  host,
  port: Number(port),
  user: "xxt_intake",
  password: readFileSync(passwordFile, "utf8").trim(),
  database: "xxt_intake",
  max: 8,
});
const create = {
  name: "create",
  text: `
    WITH c AS (
      INSERT INTO intake.cases (id, display_code, hall, state, owner, next_action_time, create_time, version, message)
      VALUES ($1, $2, $3, 1, 'staff/wang', now() + interval '1 day', now(), 1, $5)),
    e AS (
      INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
      VALUES (gen_random_uuid(), 'case.created.v1', $6, $3, 'staff/wang', $4, now()))
    INSERT INTO backbone.desk_task (id, kind, subject, payload, dedupe_key, due, hall, assignee, summary)
    VALUES (gen_random_uuid(), 'case.act', $6, '{}', $6, timestamptz '2999-01-01', $3, 'staff/wang', $4)`,
};

async function createCase(call, callback) {
  const input = call.request.case;
  const id = randomUUID();
  const name = `cases/${id}`;
  const message = Buffer.from(JSON.stringify(input));
  try {
    await pool.query({ ...create, values: [id, id, input.hall, input.title, message, name] });
    callback(null, { ...input, name, display_code: id, etag: "1" });
  } catch (error) {
    callback({ code: grpc.status.INTERNAL, message: String(error) });
  }
}

const definition = loader.loadSync("xixinting/intake/v1/case_service.proto", { includeDirs, keepCase: true });
const server = new grpc.Server();
server.addService(grpc.loadPackageDefinition(definition).xixinting.intake.v1.CaseService.service, {
  CreateCase: createCase,
});
const pair = { private_key: readFileSync(`${tls}/intake.key`), cert_chain: readFileSync(`${tls}/intake.crt`) };
server.bindAsync(address, grpc.ServerCredentials.createSsl(readFileSync(`${tls}/ca.crt`), [pair], true), (error) => {
  if (error) throw error;
});
