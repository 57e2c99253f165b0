// What is marked personal in the protos is put into every request that may hold it, and is then looked for wherever it
// must not be: in clear in any table, in the log, in the texts of errors. Part of the program of each service.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "common/testing/database.h"
#include "common/testing/scratch_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/replica.h"
#include "xixinting/common/v1/field.pb.h"

namespace xxt::contract {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// An identity number that passes its check (GB 11643), of the serial's person.
std::string ResidentId(int serial) {
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  std::string id = absl::StrFormat("11010519%02d0101%03d", 30 + serial / 1000, serial % 1000);
  int sum = 0;
  for (std::size_t i = 0; i < id.size(); ++i) sum += (id[i] - '0') * kWeights[i];
  return id + "10X98765432"[sum % 11];
}

// A text, or the first of several.
std::string TextOf(const Message& message, const FieldDescriptor* field) {
  const auto& reflection = *message.GetReflection();
  return field->is_repeated() ? reflection.GetRepeatedString(message, field, 0) : reflection.GetString(message, field);
}
void SetText(Message* message, const FieldDescriptor* field, const std::string& text) {
  const auto& reflection = *message->GetReflection();
  if (field->is_repeated()) {
    reflection.SetRepeatedString(message, field, 0, text);
  } else {
    reflection.SetString(message, field, text);
  }
}

// Makes texts that are found again, and remembers what of them must not be found.
class Canaries {
 public:
  // False: `field` is not personal, one of several of which another is set, or a list of none.
  bool Plant(Message* message, const FieldDescriptor* field) {
    namespace v1 = ::xixinting::common::v1;
    const bool other =
        field->real_containing_oneof() != nullptr && !message->GetReflection()->HasField(*message, field);
    const bool none = field->is_repeated() && message->GetReflection()->FieldSize(*message, field) == 0;
    if (other || none) return false;
    const int serial = static_cast<int>(planted_.size());
    std::string text;
    switch (field->options().GetExtension(v1::personal)) {
      case v1::PERSONAL_UNSPECIFIED:
        return false;
      case v1::PERSONAL_NUMBER:
        text = ResidentId(serial);
        break;
      case v1::PERSONAL_PHONE:
        text = absl::StrFormat("139%08d", 73'000'000 + serial);
        break;
      default:
        text = absl::StrFormat("金丝雀%04d", serial);
    }
    SetText(message, field, text);
    planted_.push_back(text);
    return true;
  }

  const std::vector<std::string>& planted() const { return planted_; }

  // Those that `where` holds, as they are or as the hex in which PostgreSQL shows bytes.
  std::vector<std::string> FoundIn(const std::string& where) const {
    std::vector<std::string> found;
    for (const std::string& one : planted_) {
      if (where.find(one) != std::string::npos || where.find(absl::BytesToHexString(one)) != std::string::npos) {
        found.push_back(one);
      }
    }
    return found;
  }

 private:
  std::vector<std::string> planted_;
};

// What this process writes to its standard output and error, from now on.
class Captured {
 public:
  Captured() {
    std::fflush(nullptr);
    for (const int fd : {1, 2}) saved_[fd - 1] = ::dup(fd);
    const int file = ::open(path_.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    for (const int fd : {1, 2}) ::dup2(file, fd);
    ::close(file);
  }
  std::string Stop() {
    std::fflush(nullptr);
    for (const int fd : {1, 2}) {
      ::dup2(saved_[fd - 1], fd);
      ::close(saved_[fd - 1]);
    }
    std::ifstream in(path_);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

 private:
  test::ScratchDir dir_;
  const std::string path_ = dir_.File("output");
  int saved_[2] = {};
};

std::string Sql(const std::string& statement) { return ReplicaUnderTest().database().Sql(statement); }

// The service's name, and its schema's: "intake" of "xixinting.intake.v1".
std::string Name() {
  const std::vector<std::string> parts = absl::StrSplit(ServiceUnderTest().package, '.');
  return parts[1];
}

std::vector<std::string> Tables() {
  return absl::StrSplit(
      Sql(absl::StrCat("SELECT string_agg(format('%I.%I', schemaname, tablename), ',') FROM pg_tables "
                       "WHERE schemaname IN ('backbone', '",
                       Name(), "')")),
      ',');
}

std::string RowsOf(const std::string& table) {
  return Sql(absl::StrCat("SELECT string_agg(t::text, E'\\n') FROM ", table, " AS t"));
}

Answer Send(const Rpc& rpc, const Message& request) {
  return contract::Send(ServiceUnderTest().channel(), PathOf(DescriptorOf(rpc)), request.SerializePartialAsString(),
                        rpc.token());
}

// Two right requests of each RPC with every personal text that they may hold, and one for each such text in which it is
// far too long.
Canaries PlantInEveryRpc(std::string* errors_told) {
  Canaries canaries;
  for (const Rpc& rpc : ServiceUnderTest().rpcs) {
    for (int time = 0; time < 2; ++time) {
      const auto request = rpc.request();
      ForEachField(request.get(), "", [&](Message* message, const FieldDescriptor* field, const std::string&) {
        canaries.Plant(message, field);
      });
      const absl::Status status = Send(rpc, *request).status;
      EXPECT_TRUE(status.ok()) << rpc << ": " << status;
    }
    const auto spoiled = Spoiled(*rpc.request(), [&](Message* message, const FieldDescriptor* field) {
      if (!canaries.Plant(message, field)) return false;
      std::string text = TextOf(*message, field);
      for (int doubling = 0; doubling < 10; ++doubling) text += text;
      SetText(message, field, text);
      return true;
    });
    for (const auto& [path, request] : spoiled) {
      const absl::Status status = Send(rpc, *request).status;
      EXPECT_FALSE(status.ok()) << rpc << " takes any " << path;
      absl::StrAppend(errors_told, status.ToString(), errors::LocalizedTextOf(status), "\n");
    }
  }
  return canaries;
}

TEST(Canaries, OfEveryRequestStandNowhereInClear) {
  std::string errors_told;
  Captured captured;
  const Canaries canaries = PlantInEveryRpc(&errors_told);
  const std::string log = captured.Stop();
  if (HasFailure()) std::fputs(log.c_str(), stderr);

  EXPECT_GT(canaries.planted().size(), Name() == "intake" ? 60U : 30U);
  EXPECT_THAT(log, HasSubstr("rpc.done"));
  EXPECT_THAT(canaries.FoundIn(log), IsEmpty()) << "in the log";
  EXPECT_THAT(errors_told, HasSubstr("FIELD_INVALID"));
  EXPECT_THAT(canaries.FoundIn(errors_told), IsEmpty()) << "in the texts of errors";
  for (const std::string& table : Tables()) {
    EXPECT_THAT(canaries.FoundIn(RowsOf(table)), IsEmpty()) << "in " << table;
  }
}

// Else the one above would be content with a search that finds nothing.
TEST(Canaries, InAnUnsealedColumnWouldBeFound) {
  const std::string table = Name() + ".test_open";
  Sql(absl::StrCat("CREATE TABLE ", table, " AS SELECT '金丝雀'::bytea AS message"));
  EXPECT_THAT(Tables(), ::testing::Contains(table));
  EXPECT_THAT(RowsOf(table), HasSubstr(absl::BytesToHexString("金丝雀")));
  Sql("DROP TABLE " + table);
}

}  // namespace
}  // namespace xxt::contract
