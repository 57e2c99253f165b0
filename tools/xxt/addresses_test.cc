// Names of services, as contexts write them.

#include "tools/xxt/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace xxt::cli {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

TEST(Addresses, OfANameAreWhatItStandsFor) {
  for (const char* endpoint : {"localhost:50051", "dns:///localhost:50051"}) {
    const absl::StatusOr<std::vector<std::string>> found = AddressesOf(endpoint);
    ASSERT_TRUE(found.ok()) << endpoint << found.status();
    EXPECT_THAT(*found, Contains(testing::AnyOf("127.0.0.1", "::1"))) << endpoint;
  }
}

TEST(Addresses, OfANumberAreNotLookedUp) {
  for (const char* endpoint : {"127.0.0.1:50051", "[::1]:50051", "ipv4:127.0.0.1:1,127.0.0.1:2", "unix:/run/intake"}) {
    const absl::StatusOr<std::vector<std::string>> found = AddressesOf(endpoint);
    ASSERT_TRUE(found.ok()) << endpoint << found.status();
    EXPECT_THAT(*found, IsEmpty()) << endpoint;
  }
}

// RFC 6761: nobody has a name there.
TEST(Addresses, OfANameThatNobodyHasAreAnError) {
  EXPECT_TRUE(absl::IsUnavailable(AddressesOf("intake-pods.invalid:50051").status()));
}

}  // namespace
}  // namespace xxt::cli
