#include "common/events/horizon.h"

#include "common/status/macros.h"

namespace xxt::events {
namespace {

constexpr pg::Statement kHolders{"event.holders",
                                 "SELECT holder, (seconds * 1000000)::bigint, transactions FROM backbone.horizon()"};

// Our own transactions end within 10 s; see pg/connection.cc.
constexpr absl::Duration kLongTransaction = absl::Minutes(1);
constexpr absl::Duration kLongSnapshot = absl::Minutes(10);
constexpr std::int64_t kFarBehind = 10'000'000;

}  // namespace

absl::StatusOr<std::vector<Holder>> Holders(pg::Session& session) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kHolders));
  std::vector<Holder> holders;
  for (int i = 0; i < rows.size(); ++i) {
    holders.push_back({rows[i].Text(0), absl::Microseconds(rows[i].Int(1)), rows[i].Int(2)});
  }
  return holders;
}

bool HoldsTooLong(const Holder& holder) {
  if (holder.transactions > kFarBehind) return true;
  return holder.age > (holder.what == "snapshot" ? kLongSnapshot : kLongTransaction);
}

}  // namespace xxt::events
