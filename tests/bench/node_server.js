// What a service that is written quickly reaches: CreateCase with grpc-js and
// pg, one statement for case, event and task, no check and no memory of
// repeats. Usage: node_server.js HOST:PORT PG_HOST PG_PORT PASSWORD_FILE PROTO_DIR...
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import pg from "pg";

const [address, host, port, passwordFile, ...includeDirs] = process.argv.slice(2);
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
      INSERT INTO intake.cases (id, display_code, hall, state, owner, title, service_item, next_action_time,
                                create_time, update_time, version, doc)
      VALUES ($1, $2, $3, 'IN_PROGRESS', 'staff/wang', $4, $5, now() + interval '1 day', now(), now(), 1, $6)),
    e AS (
      INSERT INTO backbone.event (id, type, subject, hall, actor, summary, time)
      VALUES (gen_random_uuid(), 'case.created.v1', $7, $3, 'staff/wang', $4, now()))
    INSERT INTO backbone.desk_task (id, kind, subject, payload, dedupe_key, due, hall, assignee, summary)
    VALUES (gen_random_uuid(), 'case.act', $7, '{}', $7, timestamptz '2999-01-01', $3, 'staff/wang', $4)`,
};

async function createCase(call, callback) {
  const input = call.request.case;
  const id = randomUUID();
  const name = `cases/${id}`;
  const doc = JSON.stringify({ summary: input.summary, parties: input.parties, difficulties: input.difficulties });
  try {
    await pool.query({ ...create, values: [id, id, input.hall, input.title, input.service_item, doc, name] });
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
server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
