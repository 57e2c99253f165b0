// What a row holds is read and written whole: nothing in it grows for ever. What callers say has an end at the edge;
// what methods add has one in the proto (edge::CheckRoom), or is here with the reason why it ends by itself.

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>

#include "common/edge/fields.h"
#include "common/edge/methods.h"
#include "google/api/resource.pb.h"
#include "gtest/gtest.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::edge {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

const std::set<std::string>& EndsByItself() {
  static const std::set<std::string> names = {
      // Of what a case has, which has an end of its own.
      "intake.v1.Case.open_referrals", "intake.v1.Dispute.referrals_before", "intake.v1.LifeEvent.candidates",
      "intake.v1.Packet.missing", "intake.v1.Plan.critical_path",
      // Of each kind there is one.
      "common.v1.Task.outcomes", "intake.v1.Party.told_topics",
      // A few bytes for each message, and a number for each day of a visit to the window.
      "intake.v1.Case.messages", "intake.v1.Case.trip_days",
      // Made at once, of a list of the database that is cut.
      "intake.v1.ShiftHandover.due_cases", "referral.v1.Withdrawal.referrals", "referral.v1.Withdrawal.searches",
      // As many as search/candidates.h and mail/attachment_rules.h say.
      "referral.v1.Search.candidates", "referral.v1.UnmatchedMail.attachments",
      // In rows of their own.
      "referral.v1.Body.learned",
      // Tries: the last channel is a person's, who decides over each one more.
      "notification.v1.Message.deliveries"};
  return names;
}

bool HasAnEnd(const FieldDescriptor& field) {
  if (!field.is_repeated() || SaidByCallers(field)) return true;
  return field.options().GetExtension(::xixinting::common::v1::rule).max_items() > 0;
}

void Look(const Descriptor& type, std::set<std::string>* endless) {
  if (!type.options().HasExtension(google::api::resource)) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (!HasAnEnd(*type.field(i))) endless->insert(type.field(i)->full_name().substr(sizeof("xixinting")));
  }
}

TEST(Rows, GrowToAnEnd) {
  std::set<std::string> endless;
  for (const FileDescriptor* file : AllFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) Look(*file->message_type(i), &endless);
  }
  EXPECT_EQ(endless, EndsByItself());
}

}  // namespace
}  // namespace xxt::edge
