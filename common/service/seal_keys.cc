#include "common/service/seal_keys.h"

#include <cstdint>
#include <vector>

#include "common/seal/noted_keys.h"
#include "common/status/macros.h"

namespace xxt::service {
namespace {

// For whoever starts while the database says nothing.
constexpr absl::Duration kFirstLook = absl::Seconds(3);

constexpr pg::Statement kAll{"seal_key.all", R"sql(
  SELECT id, mark, retire_time IS NOT NULL, use_time > statement_timestamp() - interval '1 minute'
    FROM backbone.seal_key ORDER BY id)sql"};
constexpr pg::Statement kNote{"seal_key.note", R"sql(
  INSERT INTO backbone.seal_key (id, mark) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING)sql"};
constexpr pg::Statement kUse{"seal_key.use", R"sql(
  UPDATE backbone.seal_key SET use_time = now() WHERE id = $1 AND mark = $2 AND retire_time IS NULL)sql"};

// What kAll has read.
struct Register {
  std::vector<seal::NotedKey> keys;
  bool active_is_fresh = false;  // the key that wraps here was noted a moment ago

  Register() = default;
  Register(const pg::Result& rows, std::uint32_t active) {
    for (int i = 0; i < rows.size(); ++i) {
      keys.push_back({static_cast<std::uint32_t>(rows[i].Int(0)), rows[i].Bytes(1), rows[i].Bool(2)});
      if (keys.back().id == active) active_is_fresh = rows[i].Bool(3);
    }
  }
};

absl::Status Look(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys) {
  Register noted;
  XXT_RETURN_IF_ERROR(pg::Read(pool, deadline, [&](pg::Session& session) -> absl::Status {
    XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kAll));
    noted = Register(rows, keys.active());
    return absl::OkStatus();
  }));
  // First, so that a wrong file leaves nothing behind that the right one would lack.
  XXT_RETURN_IF_ERROR(seal::CheckNoted(noted.keys, keys));
  if (noted.active_is_fresh) return absl::OkStatus();
  const auto id = static_cast<std::int64_t>(keys.active());
  const pg::Param mark = pg::Param::Bytes(keys.MarkOf(keys.active()));
  const auto search = static_cast<std::int64_t>(seal::Keyring::kSearchId);
  const pg::Param search_mark = pg::Param::Bytes(keys.MarkOf(seal::Keyring::kSearchId));
  XXT_ASSIGN_OR_RETURN(const std::vector<pg::Result> results,
                       pg::RunTogether(pool, deadline, [&](pg::Session& session) {
                         session.Queue(kNote, search, search_mark);
                         session.Queue(kNote, id, mark);
                         session.Queue(kUse, id, mark);
                         session.Queue(kAll);
                       }));
  return seal::CheckNoted(Register(results.back(), keys.active()).keys, keys);
}

}  // namespace

absl::Status CheckSealKeys(pg::Pool& pool, SteadyTime deadline, const seal::Keyring& keys) {
  // They may be exchanged meanwhile, and an id must not be noted with the mark of another.
  absl::Status found = Look(pool, deadline, keys.Fixed());
  if (found.ok() || absl::IsFailedPrecondition(found)) keys.SetChecked(found.ok());
  return found;
}

absl::Status TakeSealKeys(pg::Pool& pool, const seal::Keyring& next, const seal::Keyring& keys) {
  if (next.SameAs(keys)) return absl::OkStatus();
  // Notes the key that will wrap before it does.
  XXT_RETURN_IF_ERROR(Look(pool, SteadyTime::Now() + kFirstLook, next));
  keys.Take(next);
  keys.SetChecked(true);
  return absl::OkStatus();
}

absl::StatusOr<seal::Keyring> LoadSealKeys(const std::string& file, pg::Pool& pool) {
  XXT_ASSIGN_OR_RETURN(seal::Keyring keys, seal::Keyring::Load(file));
  keys.SetChecked(false);
  CheckSealKeys(pool, SteadyTime::Now() + kFirstLook, keys).IgnoreError();
  return keys;
}

}  // namespace xxt::service
