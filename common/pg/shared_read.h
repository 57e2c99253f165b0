#ifndef XXT_COMMON_PG_SHARED_READ_H_
#define XXT_COMMON_PG_SHARED_READ_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/pg/connection.h"
#include "common/pg/convoy.h"

namespace xxt::pg {

class Pool;

// Lets reads that wait at the same time ride one pipeline on one connection:
// one round trip and one wake-up of PostgreSQL for all of them. A slow one holds
// up those of its group and no others: the next group does not wait for long.
// If PostgreSQL refuses a statement of a group, each of its reads is sent by
// itself, so that only the one fails whose it was.
//
// Thread-safe.
class SharedRead {
 public:
  // How long a group may be under way before another one sets out.
  static constexpr absl::Duration kHeadway = absl::Milliseconds(5);

  // As many groups are under way at a time as `pool` has connections.
  explicit SharedRead(Pool& pool, absl::Duration headway = kHeadway);

  // Sends `statements`, which only read, and gives one result each. Returns at
  // `deadline`; who sends for others at the last of theirs.
  std::optional<Failure> Run(std::vector<Connection::Pending> statements, SteadyTime deadline,
                             std::vector<Result>* results);

  // Reads that wait for a group under way to end.
  std::size_t waiting() const { return convoy_.waiting(); }

 private:
  void Carry(const Convoy::Group& group);

  Pool& pool_;
  Convoy convoy_;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_SHARED_READ_H_
