#include "services/referral/body/learned.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace xxt::referral::body {
namespace {

// The days of the last fifty: a median of what was long ago says little of now.
constexpr pg::Statement kLearn{"learned.add", R"sql(
  INSERT INTO referral.learned AS l (body, document, asked_count, held_count, workdays)
  VALUES ($1, $2, 1, $3::int, ARRAY[$4::int])
  ON CONFLICT (body, document) DO UPDATE
     SET asked_count = l.asked_count + 1, held_count = l.held_count + excluded.held_count,
         workdays = (excluded.workdays || l.workdays)[1:50])sql"};

constexpr pg::Statement kTakeBack{"learned.take_back", R"sql(
  UPDATE referral.learned SET held_count = held_count - 1 WHERE body = $1 AND document = $2 AND held_count > 0)sql"};

#define XXT_LEARNED                                                                                     \
  "l.document, l.asked_count, l.held_count, (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY days) " \
  "FROM unnest(l.workdays) AS days) FROM referral.learned AS l "
constexpr pg::Statement kOfBody{"learned.of_body",
                                "SELECT l.body, " XXT_LEARNED "WHERE l.body = $1 ORDER BY l.document LIMIT 50"};
constexpr pg::Statement kAbout{"learned.about",
                               "SELECT l.body, " XXT_LEARNED
                               "WHERE l.document = $1 ORDER BY l.held_count DESC, l.body LIMIT $2::int"};
#undef XXT_LEARNED

LearnedOf Read(const pg::Row& row) {
  LearnedOf read;
  read.body = absl::StrCat("bodies/", row.View(0));
  read.learned.set_document(row.Text(1));
  read.learned.set_asked_count(static_cast<int>(row.Int(2)));
  read.learned.set_held_count(static_cast<int>(row.Int(3)));
  read.learned.set_median_workdays(static_cast<int>(row.Int(4)));
  return read;
}

}  // namespace

void Learn(pg::Session& session, absl::string_view body, absl::string_view document, bool held, int workdays) {
  session.Queue(kLearn, absl::StripPrefix(body, "bodies/"), document, held ? 1 : 0, workdays);
}

void LearnTakenBack(pg::Session& session, absl::string_view body, absl::string_view document) {
  session.Queue(kTakeBack, absl::StripPrefix(body, "bodies/"), document);
}

absl::Status FillLearned(pg::Session& session, v1::Body* body) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kOfBody, absl::StripPrefix(body->name(), "bodies/")));
  for (int i = 0; i < rows.size(); ++i) *body->add_learned() = Read(rows[i]).learned;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LearnedOf>> LearnedAbout(pg::Session& session, absl::string_view document, int limit) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kAbout, document, limit));
  std::vector<LearnedOf> found;
  for (int i = 0; i < rows.size(); ++i) found.push_back(Read(rows[i]));
  return found;
}

}  // namespace xxt::referral::body
