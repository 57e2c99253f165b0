// libFuzzer's entry, for the target that XXT_FUZZ_TARGET names.
//
// Each input is read as it is, cut off at several places, and with one byte or another changed: as a connection or a
// sender that breaks makes them. That is also many readings for the price of one of the fuzzer's runs, which costs more
// than most readers do. How many there were is told at the end beside the fuzzer's own figures.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/targets.h"

namespace {

constexpr std::size_t kCuts = 8;
constexpr std::size_t kChanges = 8;
std::uint64_t readings = 0;

void Read(absl::string_view bytes) {
  if (xxt::fuzz::XXT_FUZZ_TARGET(bytes)) ++readings;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  return std::atexit([] { std::fprintf(stderr, "stat::readings: %llu\n", static_cast<unsigned long long>(readings)); });
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view whole(reinterpret_cast<const char*>(data), size);
  Read(whole);
  std::string changed(whole);
  for (std::size_t i = 1; i < kCuts && size >= kCuts; ++i) Read(whole.substr(0, size * i / kCuts));
  for (std::size_t i = 0; i < kChanges && size >= kChanges; ++i) {
    // Other places and bits with each input, the same ones whenever it comes again.
    char& byte = changed[(size * i + data[i] % size) / kChanges];
    const char before = byte;
    byte = static_cast<char>(byte ^ (1 << (data[size - 1 - i] % 8)));
    Read(changed);
    byte = before;
  }
  return 0;
}
