#include "common/rpc/wire_status.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "google/rpc/status.pb.h"

namespace xxt::rpc {

namespace {

// What fits, encoded for the wire, into the 8 kB of metadata that every client
// accepts; beyond it a client would see RESOURCE_EXHAUSTED instead of the error.
constexpr std::size_t kMostDetailBytes = 4'400;
constexpr std::size_t kMostMessageBytes = 1'200;

// Bytes of `text` on the wire, where all but printable ASCII takes three.
std::size_t EncodedSize(const std::string& text) {
  std::size_t size = 0;
  for (const char c : text) size += c < 0x20 || c > 0x7e || c == '%' ? 3 : 1;
  return size;
}

// Cuts a text that is too long, between characters.
void Shorten(std::string* text) {
  if (EncodedSize(*text) <= kMostMessageBytes) return;
  std::size_t end = std::min(text->size(), kMostMessageBytes / 3);
  while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xc0) == 0x80) --end;
  text->resize(end);
  text->append("...");
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  Shorten(wire.mutable_message());
  std::vector<std::pair<std::string, std::string>> details;
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& bytes) {
    details.emplace_back(std::string(type), std::string(bytes));
  });
  // Constructors keep within the limit (common/status/errors.cc). Should one
  // not, the largest is left out, and never the reason.
  std::sort(details.begin(), details.end(),
            [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  for (auto& [type, bytes] : details) {
    if (wire.ByteSizeLong() + type.size() + bytes.size() + 16 > kMostDetailBytes) break;
    auto* detail = wire.add_details();
    detail->set_type_url(std::move(type));
    detail->set_value(std::move(bytes));
  }
  return {static_cast<grpc::StatusCode>(status.code()), wire.message(), wire.SerializeAsString()};
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status converted(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (wire.ParseFromString(status.error_details())) {
    for (const auto& detail : wire.details()) converted.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return converted;
}

}  // namespace xxt::rpc
