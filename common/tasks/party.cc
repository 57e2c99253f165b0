#include "common/tasks/party.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/macros.h"

namespace xxt::tasks {
namespace {

constexpr absl::Duration kStoreDeadline = absl::Seconds(5);
// Between two tasks of a party without a rate that are to ask again.
constexpr absl::Duration kApart = absl::Milliseconds(20);

// Rests are told as milliseconds from now, by the database's clock.
constexpr pg::Statement kSilent{"party.silent", R"sql(
  INSERT INTO backbone.party AS p (name, silences) VALUES ($1, 1)
  ON CONFLICT (name) DO UPDATE
    SET silences = p.silences + 1,
        rest_until = CASE WHEN p.silences + 1 >= $2 THEN now() + $3::interval END
  RETURNING silences, (extract(epoch FROM rest_until - now()) * 1000)::bigint)sql"};

constexpr pg::Statement kAnswered{"party.answered", R"sql(
  UPDATE backbone.party SET silences = 0, rest_until = NULL WHERE name = $1 AND silences > 0)sql"};

// The rest is over: who gets the row tries, the others wait for what comes of it.
constexpr pg::Statement kTry{"party.try", R"sql(
  UPDATE backbone.party SET rest_until = now() + $2::interval
   WHERE name = $1 AND rest_until <= now()
  RETURNING 1)sql"};

constexpr pg::Statement kRead{"party.read", R"sql(
  SELECT name, silences, (extract(epoch FROM rest_until - statement_timestamp()) * 1000)::bigint
    FROM backbone.party WHERE silences > 0)sql"};

// A bucket that holds one second's worth.
constexpr pg::Statement kKnow{"party.know", R"sql(
  INSERT INTO backbone.party (name, tokens) VALUES ($1, greatest($2::float8, 1)) ON CONFLICT (name) DO NOTHING)sql"};
constexpr pg::Statement kTake{"party.take", R"sql(
  WITH bucket AS (
    SELECT name, least(greatest($3::float8, 1), tokens + extract(epoch FROM now() - tokens_time) * $3::float8) AS held
      FROM backbone.party WHERE name = $1 FOR UPDATE)
  UPDATE backbone.party AS p
     SET tokens = b.held - least($2::int, floor(b.held)), tokens_time = now()
    FROM bucket AS b WHERE p.name = b.name
  RETURNING least($2::int, floor(b.held))::int)sql"};

std::string Interval(absl::Duration duration) {
  return std::to_string(absl::ToInt64Milliseconds(duration)) + " milliseconds";
}

SteadyTime FromNow(std::int64_t milliseconds) { return SteadyTime::Now() + absl::Milliseconds(milliseconds); }

}  // namespace

Parties::Grant Parties::Ask(const std::string& party, int wanted, double rate) {
  const absl::Duration apart = rate > 0 ? absl::Seconds(1 / rate) : kApart;
  if (!Knows()) return {0, absl::Seconds(1), apart};
  State state;
  {
    const MutexLock lock(mu_);
    if (const auto found = states_.find(party); found != states_.end()) state = found->second;
  }
  if (state.silences >= kSilences) {
    if (!state.rest_until.passed()) return {0, state.rest_until.left(), apart};
    wanted = std::min(wanted, MayTry(party) ? 1 : 0);
    return {wanted, longest_try_, apart};
  }
  if (rate <= 0 || wanted == 0) return {wanted, {}, apart};
  const std::string per_second = absl::StrCat(rate);
  const absl::StatusOr<std::vector<pg::Result>> taken =
      pg::RunTogether(pool_, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) {
        session.Queue(kKnow, party, per_second);
        session.Queue(kTake, party, wanted, per_second);
      });
  if (!taken.ok() || taken->back().empty()) return {0, absl::Seconds(1), apart};
  return {static_cast<int>(taken->back()[0].Int(0)), apart, apart};
}

bool Parties::Knows() {
  {
    const MutexLock lock(mu_);
    if (knows_) return true;
  }
  return Refresh().ok();
}

bool Parties::MayTry(const std::string& party) {
  const absl::StatusOr<std::vector<pg::Result>> mine =
      pg::RunTogether(pool_, SteadyTime::Now() + kStoreDeadline,
                      [&](pg::Session& session) { session.Queue(kTry, party, Interval(longest_try_)); });
  if (!mine.ok()) return false;
  const MutexLock lock(mu_);
  states_[party].rest_until = SteadyTime::Now() + longest_try_;
  return !mine->back().empty();
}

void Parties::Answered(const std::string& party) {
  {
    const MutexLock lock(mu_);
    if (states_.erase(party) == 0) return;
  }
  const absl::Status status = pg::RunTogether(pool_, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) {
                                session.Queue(kAnswered, party);
                              }).status();
  log::Info("party.answers_again", {{"party", party}, {"status", status}});
}

void Parties::Silent(const std::string& party) {
  const absl::StatusOr<std::vector<pg::Result>> rows =
      pg::RunTogether(pool_, SteadyTime::Now() + kStoreDeadline,
                      [&](pg::Session& session) { session.Queue(kSilent, party, kSilences, Interval(kRest)); });
  if (!rows.ok()) return;
  const pg::Row row = rows->back()[0];
  const State state{static_cast<int>(row.Int(0)), row.IsNull(1) ? SteadyTime() : FromNow(row.Int(1))};
  if (state.silences >= kSilences) {
    log::Warning("party.silent", {{"party", party},
                                  {"silences", state.silences},
                                  {"rest_s", static_cast<int>(absl::ToInt64Seconds(state.rest_until.left()))}});
  }
  const MutexLock lock(mu_);
  states_[party] = state;
}

absl::Status Parties::Refresh() {
  std::map<std::string, State> states;
  const absl::Status status =
      pg::Read(pool_, SteadyTime::Now() + kStoreDeadline, [&](pg::Session& session) -> absl::Status {
        XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kRead));
        states.clear();
        for (int i = 0; i < rows.size(); ++i) {
          const pg::Row row = rows[i];
          states[row.Text(0)] = {static_cast<int>(row.Int(1)), row.IsNull(2) ? SteadyTime() : FromNow(row.Int(2))};
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  const MutexLock lock(mu_);
  states_ = std::move(states);
  knows_ = true;
  return absl::OkStatus();
}

std::vector<std::string> Parties::AtRest() {
  const SteadyTime long_ago = SteadyTime::Now() - kForgottenAfter;
  std::vector<std::string> names;
  const MutexLock lock(mu_);
  for (const auto& [name, state] : states_) {
    if (state.silences >= kSilences && state.rest_until > long_ago) names.push_back(name);
  }
  return names;
}

}  // namespace xxt::tasks
