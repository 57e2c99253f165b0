#include "services/referral/body/body.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/calendar/opening_hours.h"
#include "common/calendar/working_days.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "common/identifiers/phone_number.h"
#include "common/identifiers/uuid.h"
#include "common/store/row.h"
#include "services/referral/body/contact.h"
#include "services/referral/body/learned.h"
#include "services/referral/slices.h"
#include "xixinting/referral/v1/body.grpc.pb.h"

namespace xxt::referral {
namespace body {
namespace {

using ::xixinting::common::v1::CHANNEL_EMAIL;
using ::xixinting::common::v1::CHANNEL_PHONE;
using ::xixinting::common::v1::CHANNEL_POST;

// By hand, for it walks the terms: those of the rarest that the query has, which
// a trigger keeps in the order of the list. OFFSET 0 has PostgreSQL walk these
// first: while it knows only of one table how much is in it, it reads all bodies.
constexpr pg::Statement kSearch{"body.search", R"sql(
  SELECT b.id, b.message, t.title, t.body
    FROM referral.body_terms AS t
   CROSS JOIN LATERAL (SELECT id, message FROM referral.bodies
                        WHERE id = t.body AND strpos(lower(words), lower($1)) > 0 AND ($2::smallint IS NULL OR kind = $2)
                       OFFSET 0) AS b
   WHERE t.term = referral.rarest_term($1) AND (t.title, t.body) > ($3, $4)
   ORDER BY t.title, t.body LIMIT $5)sql"};

constexpr pg::Statement kFind{"body.find", "SELECT message FROM referral.bodies WHERE id = $1"};

std::string WordsOf(const v1::Body& body) {
  std::string words = body.title();
  for (const std::string& held : body.documents_held()) absl::StrAppend(&words, "\n", held);
  return words;
}

bool IsMobile(const std::string& number) {
  const auto parsed = identifiers::PhoneNumber::Parse(number);
  return parsed.ok() && parsed->can_receive_sms();
}

void CheckPoint(const v1::ContactPoint& point, const std::string& path, std::vector<errors::Violation>* found) {
  const auto channel = point.channel();
  if (channel != CHANNEL_PHONE && channel != CHANNEL_EMAIL && channel != CHANNEL_POST) {
    found->push_back({path + ".channel", "只能是电话、电子邮箱或通信地址", "must be PHONE, EMAIL or POST"});
  }
  if (point.address().empty() && (channel != CHANNEL_PHONE || point.direct_number().empty())) {
    found->push_back({path + ".address", "不能为空", "is required"});
  }
  if (channel == CHANNEL_PHONE && IsMobile(point.address())) {
    found->push_back({path + ".address", "手机号码属于个人，请填在本人电话里",
                      "is a mobile telephone, a person's own: it belongs into direct_number"});
  }
}

// What the proto cannot say.
absl::Status Check(const v1::Body& body) {
  std::vector<errors::Violation> found;
  std::set<std::string> ids;
  for (int i = 0; i < body.units_size(); ++i) {
    const v1::Unit& unit = body.units(i);
    const std::string path = absl::StrCat("body.units[", i, "]");
    if (!ids.insert(unit.id()).second) {
      found.push_back({path + ".id", "科室代码重复", "another unit of the body is called so"});
    }
    const calendar::WorkingDays& days = calendar::WorkingDays::China();
    if (!unit.opening_hours().empty() && !calendar::OpeningHours::Parse(unit.opening_hours(), days).ok()) {
      found.push_back(
          {path + ".opening_hours", "开放时间的格式应如 Mon-Fri 08:30-16:00", "must be like Mon-Fri 08:30-16:00"});
    }
    for (int j = 0; j < unit.contact_points_size(); ++j) {
      CheckPoint(unit.contact_points(j), absl::StrCat(path, ".contact_points[", j, "]"), &found);
    }
  }
  return found.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(found));
}

absl::Status Get(Tx& tx, const v1::GetBodyRequest& request, v1::Body& found) {
  XXT_RETURN_IF_ERROR(tx.Get(kBodies, request.name(), &found));
  return FillLearned(tx.session, &found);
}

absl::Status List(Tx& tx, const v1::ListBodiesRequest& request, v1::ListBodiesResponse& response) {
  const bool any_kind = request.kind() == v1::Body::KIND_UNSPECIFIED;
  if (request.query().empty()) return tx.List(kBodies, any_kind ? "all" : "of_kind", request, &response);
  const std::optional<int> kind = any_kind ? std::nullopt : std::optional<int>(request.kind());
  return tx.List(kBodies, Tx::OwnList{kSearch, {request.query(), kind}, {"text", "text"}}, request, &response);
}

// Whether the directory still says something of its own of `body`.
absl::Status CheckNotMerged(const v1::Body& body) {
  if (body.merged_into().empty()) return absl::OkStatus();
  return errors::StateForbids(body.name(), "该单位已并入另一个单位", "the body is merged into another");
}

absl::Status CreateProvisional(Tx& tx, const v1::CreateProvisionalBodyRequest& request, v1::Body& made) {
  const std::string& number = request.office_number();
  if (!identifiers::PhoneNumber::Parse(number).ok()) {
    return errors::FieldInvalid("office_number", "不是可以拨打的电话号码", "is no number that can be rung");
  }
  if (IsMobile(number)) {
    return errors::FieldInvalid("office_number", "手机号码属于个人，这里只填办公电话",
                                "is a mobile telephone, a person's own");
  }
  made.set_name(absl::StrCat("bodies/p-", identifiers::NewUuid(tx.now)));
  made.set_title(request.title());
  made.set_kind(request.kind());
  *made.mutable_documents_held() = request.documents_held();
  made.set_provisional(true);
  v1::Unit& unit = *made.add_units();
  unit.set_id("office");
  unit.set_title("总机");
  v1::ContactPoint& point = *unit.add_contact_points();
  point.set_channel(CHANNEL_PHONE);
  point.set_address(number);
  point.set_source(request.source());
  FollowContacts(tx, v1::Body(), &made);
  made.set_words(WordsOf(made));
  tx.Insert(kBodies, made);
  return absl::OkStatus();
}

absl::Status Promote(Tx& tx, const v1::PromoteBodyRequest& request, v1::Body& body) {
  XXT_RETURN_IF_ERROR(tx.Load(kBodies, request.name(), request.etag(), &body));
  XXT_RETURN_IF_ERROR(CheckNotMerged(body));
  if (!body.provisional())
    return errors::StateForbids(body.name(), "不是临时登记的单位", "the body is not provisional");
  body.set_provisional(false);
  tx.Save(kBodies, body);
  return absl::OkStatus();
}

absl::Status Merge(Tx& tx, const v1::MergeBodyRequest& request, v1::Body& into) {
  if (request.into() == request.name()) {
    return errors::FieldInvalid("into", "不能并入自己", "must be another body");
  }
  v1::Body merged;
  // Both are locked, always in one order: two who merge each into the other wait in no circle.
  const bool first = request.name() < request.into();
  if (first) XXT_RETURN_IF_ERROR(tx.Load(kBodies, request.name(), request.etag(), &merged));
  XXT_RETURN_IF_ERROR(tx.Load(kBodies, request.into(), "", &into));
  if (!first) XXT_RETURN_IF_ERROR(tx.Load(kBodies, request.name(), request.etag(), &merged));
  XXT_RETURN_IF_ERROR(CheckNotMerged(merged));
  XXT_RETURN_IF_ERROR(CheckNotMerged(into));
  XXT_RETURN_IF_ERROR(edge::CheckRoom(into, "merged_bodies"));
  merged.set_merged_into(into.name());
  merged.clear_words();
  into.add_merged_bodies(merged.name());
  tasks::CancelAll(tx.session, kStaleContactKind, merged.name());
  tx.Save(kBodies, merged);
  tx.Save(kBodies, into);
  return absl::OkStatus();
}

void Mark(const ContactPolicy& policy, absl::Time now, v1::Body& shown) { MarkStale(policy, now, &shown); }
void Mark(const ContactPolicy& policy, absl::Time now, v1::ListBodiesResponse& shown) {
  for (v1::Body& body : *shown.mutable_bodies()) MarkStale(policy, now, &body);
}

// The use case, and then the marks of what nobody has verified for long.
template <typename Request, typename Response>
auto Marked(const ContactPolicy& policy, absl::Status (*use)(Tx&, const Request&, Response&)) {
  return [&policy, use](Tx& tx, const Request& request, Response& response) -> absl::Status {
    XXT_RETURN_IF_ERROR(use(tx, request, response));
    Mark(policy, tx.now, response);
    return absl::OkStatus();
  };
}

class Service final : public edge::Serves<v1::BodyService, std::reference_wrapper<const ContactPolicy>> {
 public:
  using Serves::Serves;
  XXT_READ(ListBodies, ListBodiesResponse, Marked(settings_, List))
  XXT_READ(GetBody, Body, Marked(settings_, Get))
  XXT_CHANGE(PutBody, Body, Marked(settings_, Put))
  XXT_CHANGE(CreateProvisionalBody, Body, Marked(settings_, CreateProvisional))
  XXT_CHANGE(PromoteBody, Body, Marked(settings_, Promote))
  XXT_CHANGE(MergeBody, Body, Marked(settings_, Merge))
};

}  // namespace

const store::Table<v1::Body> kBodies("referral.bodies",
                                     {.columns = {"title", "kind", "words"},
                                      .lists = {{"all", {}, "title, id"}, {"of_kind", {"kind"}, "title, id"}}});

absl::Status Put(Tx& tx, const v1::PutBodyRequest& request, v1::Body& made) {
  XXT_RETURN_IF_ERROR(Check(request.body()));
  v1::Body before;
  const absl::Status loaded = tx.Load(kBodies, request.name(), request.etag(), &before);
  const bool is_new = absl::IsNotFound(loaded) && request.etag().empty();
  if (!is_new) XXT_RETURN_IF_ERROR(loaded);
  XXT_RETURN_IF_ERROR(CheckNotMerged(before));
  made = request.body();
  made.set_name(request.name());
  made.set_provisional(before.provisional());
  *made.mutable_merged_bodies() = before.merged_bodies();
  FollowContacts(tx, before, &made);
  made.set_words(WordsOf(made));
  if (is_new) {
    tx.Insert(kBodies, made);
  } else {
    tx.Save(kBodies, made);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Body> Find(pg::Session& session, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kFind, absl::StripPrefix(name, "bodies/")));
  if (rows.empty()) return errors::NotFound("referral.xixinting/Body", name);
  v1::Body found;
  if (!store::ReadOpen(kBodies, name, rows[0], 0, &found)) return errors::Internal("bodies.unreadable");
  return found;
}

absl::StatusOr<v1::Body> FindMerged(pg::Session& session, absl::string_view name) {
  XXT_ASSIGN_OR_RETURN(v1::Body found, Find(session, name));
  // None is merged into one that is merged: no way leads back.
  while (!found.merged_into().empty()) {
    XXT_ASSIGN_OR_RETURN(v1::Body into, Find(session, found.merged_into()));
    found = std::move(into);
  }
  return found;
}

absl::StatusOr<std::vector<v1::Body>> Matching(pg::Session& session, absl::string_view document, int limit) {
  XXT_ASSIGN_OR_RETURN(const pg::Result rows, session.Run(kSearch, document, std::nullopt, "", "", limit));
  std::vector<v1::Body> found;
  for (int i = 0; i < rows.size(); ++i) {
    v1::Body one;
    if (store::ReadOpen(kBodies, absl::StrCat("bodies/", rows[i].View(0)), rows[i], 1, &one)) {
      found.push_back(std::move(one));
    }
  }
  return found;
}

const v1::Unit* FindUnit(const v1::Body& body, absl::string_view id) {
  const auto found =
      std::find_if(body.units().begin(), body.units().end(), [id](const v1::Unit& unit) { return unit.id() == id; });
  return found == body.units().end() ? nullptr : &*found;
}

const v1::ContactPoint* ContactBy(const v1::Unit& unit, ::xixinting::common::v1::Channel channel) {
  const auto found = std::find_if(
      unit.contact_points().begin(), unit.contact_points().end(),
      [channel](const v1::ContactPoint& point) { return point.channel() == channel && !point.address().empty(); });
  return found == unit.contact_points().end() ? nullptr : &*found;
}

const std::string* AddressBy(const v1::Unit& unit, ::xixinting::common::v1::Channel channel) {
  const v1::ContactPoint* found = ContactBy(unit, channel);
  return found == nullptr ? nullptr : &found->address();
}

}  // namespace body

edge::Slice BodySlice(const ContactPolicy& policy) {
  return {{}, {}, {edge::ServiceOf<body::Service>(std::cref(policy))}};
}

}  // namespace xxt::referral
