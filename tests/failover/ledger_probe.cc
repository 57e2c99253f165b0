// Reads and writes the ledger of a database as services do, for ledger_test.sh:
// append NAME… prints a token behind what it wrote, resume TOKEN prints what came
// after it, or why not.
#include <cstdio>
#include <string>

#include "absl/time/clock.h"
#include "common/events/events.h"
#include "common/pg/pool.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace {

using xxt::events::Place;

absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

absl::StatusOr<Place> Latest(xxt::pg::Pool& pool) {
  Place place;
  XXT_RETURN_IF_ERROR(xxt::pg::Read(pool, Soon(), [&](xxt::pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(place, xxt::events::Latest(session));
    return absl::OkStatus();
  }));
  return place;
}

absl::Status Append(xxt::pg::Pool& pool, const std::string& name) {
  XXT_ASSIGN_OR_RETURN(const Place before, Latest(pool));
  XXT_RETURN_IF_ERROR(xxt::pg::InTransaction(pool, Soon(), [&](xxt::pg::Session& session) -> absl::Status {
    xxt::events::Append(session, {"", "test.happened.v1", name, "halls/1", "staff/wang", "发生了", absl::Now()});
    return absl::OkStatus();
  }));
  // An older transaction of the cluster may hide it for a moment.
  for (const absl::Time give_up = Soon(); absl::Now() < give_up;) {
    XXT_ASSIGN_OR_RETURN(const Place after, Latest(pool));
    if (after.event_id != before.event_id) return absl::OkStatus();
  }
  return absl::DeadlineExceededError("the event is not seen");
}

absl::Status Resume(xxt::pg::Pool& pool, const std::string& token) {
  return xxt::pg::Read(pool, Soon(), [&](xxt::pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const Place place, xxt::events::Find(session, token));
    XXT_ASSIGN_OR_RETURN(const xxt::events::Batch batch, xxt::events::ReadAfter(session, place));
    for (const auto& entry : batch.entries) std::printf("%s\n", entry.event.subject.c_str());
    return absl::OkStatus();
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  xxt::pg::PoolOptions options;
  options.dsn = argv[1];
  options.password = xxt::files::Secret(argv[2]);
  xxt::pg::Pool pool(options);
  absl::Status status;
  if (const std::string verb = argv[3]; verb == "resume") {
    status = Resume(pool, argv[4]);
  } else {
    for (int i = 4; i < argc && status.ok(); ++i) status = Append(pool, argv[i]);
    if (status.ok()) {
      const auto place = Latest(pool);
      status = place.status();
      if (status.ok()) std::printf("%s\n", place->ToToken().c_str());
    }
  }
  if (status.ok()) return 0;
  std::printf("%s\n", status.ok() ? "" : xxt::errors::ReasonOf(status).c_str());
  return 1;
}
