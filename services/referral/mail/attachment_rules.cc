#include "services/referral/mail/attachment_rules.h"

#include <utility>

#include "absl/strings/ascii.h"

namespace xxt::referral {
namespace {

struct KeptKind {
  absl::string_view ending;
  absl::string_view type;
};

// The first of those that share a type is the one that stands for it.
constexpr KeptKind kKept[] = {
    {"pdf", "application/pdf"},
    {"ofd", "application/ofd"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"png", "image/png"},
    {"gif", "image/gif"},
    {"bmp", "image/bmp"},
    {"webp", "image/webp"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"heic", "image/heic"},
    {"doc", "application/msword"},
    {"wps", "application/vnd.ms-works"},
    {"xls", "application/vnd.ms-excel"},
    {"et", "application/vnd.ms-excel"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"rtf", "application/rtf"},
    {"txt", "text/plain"},
    {"csv", "text/csv"},
};

}  // namespace

std::optional<std::string> KeptType(absl::string_view file_name, absl::string_view declared_type) {
  const std::size_t dot = file_name.rfind('.');
  const std::string ending = dot == absl::string_view::npos ? "" : absl::AsciiStrToLower(file_name.substr(dot + 1));
  const std::string declared = absl::AsciiStrToLower(declared_type);
  for (const KeptKind& kind : kKept) {
    if (ending.empty() ? kind.type == declared : kind.ending == ending) return std::string(kind.type);
  }
  return std::nullopt;
}

void JudgeFile(std::size_t kept_bytes, AttachedFile* file) {
  const std::optional<std::string> type = KeptType(file->about.file_name, file->about.media_type);
  if (!type.has_value()) {
    file->about.state = Attachment::State::kTypeRefused;
  } else if (file->content.size() > kMostFileBytes || kept_bytes + file->content.size() > kMostKeptBytes) {
    file->about.state = Attachment::State::kTooLarge;
  } else {
    file->about.media_type = *type;
    return;
  }
  file->content.clear();
}

}  // namespace xxt::referral
