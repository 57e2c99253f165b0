#include "tools/xxt/addresses.h"

#include <netdb.h>
#include <sys/socket.h>

#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace xxt::cli {
namespace {

struct Free {
  void operator()(addrinfo* found) const { freeaddrinfo(found); }
};
using Found = std::unique_ptr<addrinfo, Free>;

// Returns getaddrinfo's error, 0 if there is none.
int LookUp(const std::string& host, int flags, Found* found) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error == 0) found->reset(list);
  return error;
}

// "[::1]:50051" is "::1".
std::string HostOf(absl::string_view endpoint) {
  absl::ConsumePrefix(&endpoint, "dns:///");
  const absl::string_view::size_type colon = endpoint.rfind(':');
  absl::string_view host = endpoint.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return std::string(host);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> AddressesOf(const std::string& endpoint) {
  for (const char* scheme : {"unix:", "ipv4:", "ipv6:"}) {
    if (absl::StartsWith(endpoint, scheme)) return std::vector<std::string>();
  }
  const std::string host = HostOf(endpoint);
  Found found;
  if (LookUp(host, AI_NUMERICHOST, &found) == 0) return std::vector<std::string>();
  if (const int error = LookUp(host, 0, &found); error != 0) return absl::UnavailableError(gai_strerror(error));
  std::set<std::string> addresses;
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.insert(text);
    }
  }
  return std::vector<std::string>(addresses.begin(), addresses.end());
}

}  // namespace xxt::cli
