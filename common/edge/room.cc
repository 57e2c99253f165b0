#include "common/edge/room.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/errors.h"
#include "xixinting/common/v1/noun.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::edge {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDefaultMost = 100;

int MostOf(const FieldDescriptor& field) {
  const auto most = static_cast<int>(field.options().GetExtension(::xixinting::common::v1::rule).max_items());
  return most > 0 ? most : kDefaultMost;
}

int SizeOf(const Message& of, const FieldDescriptor& field) { return of.GetReflection()->FieldSize(of, &field); }

std::string NameOf(const Message& of) {
  return of.GetReflection()->GetString(of, of.GetDescriptor()->FindFieldByName("name"));
}

absl::Status Full(absl::string_view name, const FieldDescriptor& field) {
  const std::string& zh = field.options().GetExtension(::xixinting::common::v1::zh);
  return errors::StateForbids(name, absl::StrCat(zh.empty() ? "记录" : zh, "已满，最多 ", MostOf(field), " 项"),
                              absl::StrCat(field.name(), " is full: it has at most ", MostOf(field), " items"));
}

}  // namespace

bool HasRoom(const Message& of, const char* field, int kept) {
  const FieldDescriptor& found = *of.GetDescriptor()->FindFieldByName(field);
  return SizeOf(of, found) < MostOf(found) - kept;
}

absl::Status CheckRoom(const Message& of, const char* field, int kept) {
  if (HasRoom(of, field, kept)) return absl::OkStatus();
  return Full(NameOf(of), *of.GetDescriptor()->FindFieldByName(field));
}

absl::Status CheckRoomFor(const Descriptor& list, const char* field, absl::string_view parent, int count) {
  const FieldDescriptor& found = *list.FindFieldByName(field);
  return count < MostOf(found) ? absl::OkStatus() : Full(parent, found);
}

}  // namespace xxt::edge
