// What sealing costs a new case: its data key, its people taken out and sealed,
// the hashes that it is found by, and the response that is kept for repeats; less
// what the bytes cost that are stored either way. Prints one line of JSON.
#include <cstdio>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/seal/seal.h"
#include "common/seal/split.h"
#include "common/store/row.h"
#include "tests/bench/cpu.h"
#include "tests/bench/new_case.h"

namespace {

using xxt::bench::CpuSeconds;

constexpr int kCases = 50000;
constexpr char kName[] = "cases/0190f5b2-0000-7000-8000-000000000001";

// As Tx::Insert and idempotency::Once do. Returns how many bytes are stored, so
// that nothing is left out.
std::size_t Sealed(const xxt::seal::Keyring& keys, xixinting::intake::v1::Case made) {
  const xxt::seal::Keyring::Made key = keys.Make(kName);
  const xxt::store::Written written = xxt::store::WriteRow({}, &made);
  const std::string blob = key.key.Seal(kName, xxt::seal::Encode(written.leaves));
  const std::string hashes = xxt::store::SearchOf(keys, made).value_or("");
  const std::string bytes = made.SerializeAsString();
  const std::string mark = keys.SearchHash("request", bytes);
  const std::string response = key.key.Seal(kName, bytes);
  return key.wrapped.size() + written.message.size() + blob.size() + hashes.size() + mark.size() + response.size();
}

// The same in the open.
std::size_t Open(xixinting::intake::v1::Case made) {
  const std::string message = made.SerializeAsString();
  const std::string response = made.SerializeAsString();
  return message.size() + response.size();
}

template <typename Make>
double MicrosecondsOf(Make make) {
  std::size_t bytes = 0;
  const double before = CpuSeconds();
  for (int i = 0; i < kCases; ++i) bytes += make();
  const double used = CpuSeconds() - before;
  return bytes == 0 ? 0 : 1e6 * used / kCases;
}

}  // namespace

int main() {
  const std::string secret = absl::Base64Escape(std::string(32, 'k'));
  const auto keys = xxt::seal::Keyring::Parse("bench", absl::StrCat("1 ", secret, "\nsearch ", secret, "\n"));
  if (!keys.ok()) {
    std::fprintf(stderr, "xxt_seal_cost: %s\n", keys.status().ToString().c_str());
    return 1;
  }
  xixinting::intake::v1::Case made = xxt::bench::NewCase();
  made.set_name(kName);
  const double sealed = MicrosecondsOf([&] { return Sealed(*keys, made); });
  const double open = MicrosecondsOf([&] { return Open(made); });
  std::printf("{\"sealed_us\": %.2f, \"open_us\": %.2f}\n", sealed, open);
  return 0;
}
