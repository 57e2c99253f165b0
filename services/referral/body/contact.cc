#include "services/referral/body/contact.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/timestamp.h"
#include "common/status/macros.h"
#include "common/tasks/task.h"
#include "services/referral/body/body.h"

namespace xxt::referral::body {
namespace {

// Null if `of` has none like it.
const v1::ContactPoint* FindSame(const v1::Body& of, absl::string_view unit, const v1::ContactPoint& point) {
  const v1::Unit* there = FindUnit(of, unit);
  if (there == nullptr) return nullptr;
  for (const v1::ContactPoint& one : there->contact_points()) {
    const bool own = one.direct_number() == point.direct_number() || !point.address().empty();
    if (one.channel() == point.channel() && own && absl::EqualsIgnoreCase(one.address(), point.address())) return &one;
  }
  return nullptr;
}

}  // namespace

std::string StaleKey(absl::string_view body, absl::string_view unit, absl::string_view address) {
  return absl::StrCat(kStaleContactKind, "/", body, "/", unit, "/", absl::AsciiStrToLower(address));
}

bool IsStale(const ContactPolicy& policy, const v1::ContactPoint& point, absl::Time now) {
  std::optional<absl::Time> verified;
  std::optional<absl::Time> entered;
  if (point.has_verify_time()) verified = rpc::FromProto(point.verify_time());
  if (point.has_enter_time()) entered = rpc::FromProto(point.enter_time());
  return referral::IsStale(policy, verified, entered, now);
}

void MarkStale(const ContactPolicy& policy, absl::Time now, v1::Body* shown) {
  for (v1::Unit& unit : *shown->mutable_units()) {
    for (v1::ContactPoint& point : *unit.mutable_contact_points()) point.set_stale(IsStale(policy, point, now));
  }
}

void FollowContacts(Tx& tx, const v1::Body& before, v1::Body* made) {
  for (v1::Unit& unit : *made->mutable_units()) {
    for (v1::ContactPoint& point : *unit.mutable_contact_points()) {
      const v1::ContactPoint* old = FindSame(before, unit.id(), point);
      rpc::ToProto(tx.now, point.mutable_enter_time());
      if (old != nullptr && old->has_enter_time()) *point.mutable_enter_time() = old->enter_time();
    }
  }
  for (const v1::Unit& unit : before.units()) {
    for (const v1::ContactPoint& point : unit.contact_points()) {
      const v1::ContactPoint* now = FindSame(*made, unit.id(), point);
      const bool same = now != nullptr && now->has_verify_time() == point.has_verify_time() &&
                        rpc::FromProto(now->verify_time()) == rpc::FromProto(point.verify_time());
      if (!same) tasks::Cancel(tx.session, StaleKey(before.name(), unit.id(), point.address()));
    }
  }
}

absl::Status MarkVerified(Tx& tx, absl::string_view body, absl::string_view unit, absl::string_view address) {
  v1::Body found;
  XXT_RETURN_IF_ERROR(tx.Load(kBodies, body, "", &found));
  for (v1::Unit& one : *found.mutable_units()) {
    for (v1::ContactPoint& point : *one.mutable_contact_points()) {
      const bool meant = one.id() == unit && absl::EqualsIgnoreCase(point.address(), address);
      if (meant) rpc::ToProto(tx.now, point.mutable_verify_time());
    }
  }
  tx.Save(kBodies, found);
  return absl::OkStatus();
}

}  // namespace xxt::referral::body
