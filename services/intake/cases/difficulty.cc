#include "services/intake/cases/difficulty.h"

#include <google/protobuf/repeated_field.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/strip.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "common/pg/insert.h"
#include "services/intake/cases/cases.h"
#include "services/intake/hall/hall.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/difficulty.grpc.pb.h"

namespace xxt::intake {
namespace {

// A quarter of the year: so much is read at a time, and no more.
constexpr int kMostDays = 92;
constexpr int kMostItems = 10;

// A row for each difficulty of each case. Nobody counts along, so that no two cases wait for each other.
const pg::Insert kNote("case_difficulty.note", "intake.case_difficulties",
                       {{"case_id", "uuid"},
                        {"hall", "text"},
                        {"open_day", "date"},
                        {"service_item", "text"},
                        {"difficulty", "smallint"}});

constexpr pg::Statement kForget{"case_difficulty.forget", "DELETE FROM intake.case_difficulties WHERE case_id = $1"};

// Of each difficulty all of it (NULL) before its parts by service item, the most frequent first.
constexpr pg::Statement kCount{"case_difficulty.count", R"sql(
  SELECT difficulty, service_item, count(*)
    FROM intake.case_difficulties
   WHERE hall = ANY ($1) AND open_day BETWEEN $2 AND $3
   GROUP BY GROUPING SETS ((difficulty), (difficulty, service_item))
   ORDER BY grouping(service_item) DESC, count(*) DESC, difficulty, service_item
   LIMIT 1000)sql"};

absl::string_view IdOf(const v1::Case& about) { return absl::StripPrefix(about.name(), "cases/"); }

std::set<int> OnceEach(const google::protobuf::RepeatedField<int>& difficulties) {
  return {difficulties.begin(), difficulties.end()};
}

absl::Status Class(Tx& tx, const v1::ClassDifficultiesRequest& request, v1::Case& found) {
  XXT_ASSIGN_OR_RETURN(found, cases::LockOpen(tx, request.name(), request.etag()));
  found.clear_difficulties();
  for (const int one : OnceEach(request.difficulties())) {
    found.add_difficulties(static_cast<v1::Case::Difficulty>(one));
  }
  tx.session.Queue(kForget, IdOf(found));
  cases::NoteDifficulties(tx, found);
  cases::Save(tx, found, "case.difficulties_classed.v1", "已重新归类堵点");
  return absl::OkStatus();
}

v1::DifficultyCount* Find(v1::LookupDifficultyCountsResponse& response, int difficulty) {
  for (v1::DifficultyCount& one : *response.mutable_counts()) {
    if (one.difficulty() == difficulty) return &one;
  }
  return nullptr;
}

void Add(const pg::Row& row, v1::LookupDifficultyCountsResponse& response) {
  const int difficulty = static_cast<int>(row.Int(0));
  const int count = static_cast<int>(row.Int(2));
  if (row.IsNull(1)) {
    v1::DifficultyCount& whole = *response.add_counts();
    whole.set_difficulty(static_cast<v1::Case::Difficulty>(difficulty));
    whole.set_case_count(count);
    return;
  }
  v1::DifficultyCount* whole = Find(response, difficulty);
  if (whole == nullptr || whole->items_size() >= kMostItems) return;
  v1::DifficultyCount::Item& item = *whole->add_items();
  item.set_service_item(row.Text(1));
  item.set_case_count(count);
}

absl::Status Count(Tx& tx, const v1::LookupDifficultyCountsRequest& request,
                   v1::LookupDifficultyCountsResponse& response) {
  const absl::CivilDay first = rpc::FromProto(request.first_day());
  const absl::CivilDay last = rpc::FromProto(request.last_day());
  if (last < first || last - first >= kMostDays) {
    return errors::FieldInvalid("last_day", "不能早于第一天，前后最多 92 天",
                                "must not be before first_day, nor 92 days after");
  }
  XXT_ASSIGN_OR_RETURN(const std::vector<std::string> halls, hall::NamesFor(tx, request.hall()));
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, tx.session.Run(kCount, halls, first, last));
  for (int i = 0; i < rows.size(); ++i) Add(rows[i], response);
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::DifficultyService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(ClassDifficulties, Case, Class)
  XXT_READ(LookupDifficultyCounts, LookupDifficultyCountsResponse, Count)
};

}  // namespace

void cases::NoteDifficulties(Tx& tx, const v1::Case& about) {
  const absl::CivilDay day = calendar::ToCivilDay(rpc::FromProto(about.create_time()));
  for (const int one : OnceEach(about.difficulties())) {
    tx.session.Queue(kNote, IdOf(about), about.hall(), day, about.service_item(), one);
  }
}

edge::Slice DifficultySlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
