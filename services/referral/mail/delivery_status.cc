#include "services/referral/mail/delivery_status.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace xxt::referral {
namespace {

using Fields = std::map<std::string, std::string>;  // names in lower case

// The fields of one group, unfolded.
Fields ReadFields(absl::string_view group) {
  Fields fields;
  std::string* last = nullptr;
  for (const absl::string_view line : absl::StrSplit(group, '\n')) {
    if (!line.empty() && absl::ascii_isspace(static_cast<unsigned char>(line.front()))) {
      if (last != nullptr) absl::StrAppend(last, " ", absl::StripAsciiWhitespace(line));
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == absl::string_view::npos) continue;
    last = &fields[absl::AsciiStrToLower(absl::StripAsciiWhitespace(line.substr(0, colon)))];
    *last = std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return fields;
}

// "a@b.example" of "rfc822; a@b.example".
std::string AddressIn(const std::string& field) {
  const std::size_t semicolon = field.find(';');
  absl::string_view address = field;
  if (semicolon != std::string::npos) address.remove_prefix(semicolon + 1);
  address = absl::StripAsciiWhitespace(address);
  if (absl::StartsWith(address, "<") && absl::EndsWith(address, ">")) address = address.substr(1, address.size() - 2);
  return std::string(address.substr(0, 320));
}

// "5.1.1" of "5.1.1 (bad destination mailbox)"; empty if it is no status.
std::string StatusIn(const std::string& field) {
  const std::string status = field.substr(0, field.find_first_not_of("0123456789."));
  return status.size() >= 5 && status.size() <= 9 && status[1] == '.' ? status : "";
}

}  // namespace

std::optional<Bounce> ReadDeliveryStatus(absl::string_view text) {
  std::optional<Bounce> first;
  const std::string lines = absl::StrReplaceAll(text, {{"\r\n", "\n"}});
  for (const absl::string_view group : absl::StrSplit(lines, "\n\n")) {
    Fields fields = ReadFields(group);
    const std::string action = absl::AsciiStrToLower(fields["action"]);
    if (action != "failed" && action != "delayed") continue;
    // Who was written to, where it is told: a forwarder's own address is nobody we know.
    const std::string& original = fields["original-recipient"];
    Bounce bounce{AddressIn(original.empty() ? fields["final-recipient"] : original), StatusIn(fields["status"]),
                  false};
    bounce.permanent = action == "failed" && !absl::StartsWith(bounce.status, "4");
    if (bounce.permanent) return bounce;
    if (!first.has_value()) first = bounce;
  }
  return first;
}

}  // namespace xxt::referral
