// What is marked personal in the protos is put into every request that may hold it, and is then looked for wherever it
// must not be: in clear in any table, in Redis, in the log of the service and of its stores, among the metrics and the
// spans, in the texts of errors. Then the keys are erased, and nobody can read it any more. A program for
// each service.

#include <fcntl.h>
#include <re2/re2.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/concurrency/steady_time.h"
#include "common/edge/callers.h"
#include "common/edge/fields.h"
#include "common/status/errors.h"
#include "common/testing/database.h"
#include "common/testing/scratch_dir.h"
#include "common/testing/span_collector.h"
#include "common/testing/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/every_rpc.h"
#include "tests/contract/examples.h"
#include "tests/contract/service.h"
#include "tools/xxt/http.h"
#include "xixinting/common/v1/field.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::contract {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

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

bool IsEmail(const FieldDescriptor* field) {
  return absl::StrContains(field->options().GetExtension(::xixinting::common::v1::rule).pattern(), '@');
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
        text = IsEmail(field) ? absl::StrFormat("canary%04d@canary.example", serial)
                              : absl::StrFormat("金丝雀%04d", serial);
    }
    SetText(message, field, text);
    planted_.push_back(text);
    return true;
  }

  std::size_t size() const { return planted_.size(); }

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

std::string Sql(const std::string& statement) { return ServiceUnderTest().database().Sql(statement); }

std::vector<std::string> TablesLike(const std::string& condition) {
  return absl::StrSplit(
      Sql(absl::StrCat("SELECT string_agg(format('%I.%I', schemaname, tablename), ',') FROM pg_tables "
                       "WHERE schemaname IN ('backbone', '",
                       ServiceUnderTest().name, "') AND ", condition)),
      ',');
}
std::vector<std::string> Tables() { return TablesLike("true"); }

// Of roots: what has a data key.
std::vector<std::string> TablesWithKeys() {
  return TablesLike(
      "EXISTS (SELECT FROM pg_attribute WHERE attname = 'key' AND atttypid = 'bytea'::regtype "
      "AND attrelid = format('%I.%I', schemaname, tablename)::regclass)");
}

std::string RowsOf(const std::string& table) {
  return Sql(absl::StrCat("SELECT string_agg(t::text, E'\\n') FROM ", table, " AS t"));
}

std::string Metrics() {
  const auto page = cli::Fetch(absl::StrCat("http://", ServiceUnderTest().surroundings().metrics_address, "/metrics"),
                               "", absl::Seconds(10));
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? page->body : "";
}

Answer Send(const google::protobuf::MethodDescriptor* method, const Message& request, const std::string& token) {
  return contract::Send(ServiceUnderTest().channel(), PathOf(method), request.SerializePartialAsString(), token);
}

// Adds the names of resources that `message` tells: all its texts with a slash.
void AddNames(const Message& message, std::set<std::string>* names) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool many = field->is_repeated();
    const int count = many ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        AddNames(many ? reflection->GetRepeatedMessage(message, field, i) : reflection->GetMessage(message, field),
                 names);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string text =
            many ? reflection->GetRepeatedString(message, field, i) : reflection->GetString(message, field);
        if (absl::StrContains(text, '/')) names->insert(text);
      }
    }
  }
}

// A change that was done, and whether its response told any of it.
struct Done {
  const google::protobuf::MethodDescriptor* method;
  std::shared_ptr<const Message> request;
  std::string token;
  bool told;
};

// What came of planting.
struct Planted {
  Canaries canaries;
  std::vector<Done> done;
  std::set<std::string> names;  // of what may hold them
  std::string errors_told;
};

// A right request of `rpc` with every personal text that it may hold. False if that is none.
bool PlantIn(const Rpc& rpc, Planted* planted) {
  const std::size_t before = planted->canaries.size();
  const std::shared_ptr<Message> request = rpc.request();
  ForEachField(request.get(), "", [&](Message* message, const FieldDescriptor* field, const std::string&) {
    planted->canaries.Plant(message, field);
  });
  const std::string token = rpc.token();
  const Answer answer = Send(rpc.method, *request, token);
  EXPECT_TRUE(answer.status.ok()) << rpc << ": " << answer.status;
  if (answer.status.ok() && request->GetDescriptor()->FindFieldByName("request_id") != nullptr) {
    planted->done.push_back({rpc.method, request, token, !planted->canaries.FoundIn(answer.bytes).empty()});
  }
  const std::unique_ptr<Message> response = NewOf(rpc.method->output_type());
  EXPECT_TRUE(response->ParseFromString(answer.bytes));
  AddNames(*request, &planted->names);
  AddNames(*response, &planted->names);
  return planted->canaries.size() > before;
}

// In every RPC, and then in the quicker half of those that take any until there are enough.
void PlantEverywhere(std::size_t enough, Planted* planted) {
  std::multimap<absl::Duration, Rpc> quickest_first;
  for (const Rpc& rpc : Unary()) {
    const SteadyTime begin = SteadyTime::Now();
    if (PlantIn(rpc, planted)) quickest_first.emplace(SteadyTime::Now() - begin, rpc);
  }
  quickest_first.erase(std::next(quickest_first.begin(), static_cast<int>(quickest_first.size() + 1) / 2),
                       quickest_first.end());
  while (planted->canaries.size() < enough && !::testing::Test::HasFailure()) {
    for (const auto& [took, rpc] : quickest_first) PlantIn(rpc, planted);
  }
}

// One for each such text in which it is far too long.
void PlantTooMuchInEveryRpc(Planted* planted) {
  for (const Rpc& rpc : Unary()) {
    const auto spoiled = Spoiled(*rpc.request(), [&](Message* message, const FieldDescriptor* field) {
      if (!planted->canaries.Plant(message, field)) return false;
      std::string text = TextOf(*message, field);
      for (int doubling = 0; doubling < 10; ++doubling) text += text;
      SetText(message, field, text);
      return true;
    });
    for (const auto& [path, request] : spoiled) {
      const absl::Status status = Send(rpc.method, *request, rpc.token()).status;
      EXPECT_FALSE(status.ok()) << rpc << " takes any " << path;
      absl::StrAppend(&planted->errors_told, status.ToString(), errors::LocalizedTextOf(status), "\n");
    }
  }
}

// Whether the field takes `name`.
bool Fits(const FieldDescriptor& field, const std::string& name) {
  std::string pattern = field.options().GetExtension(xixinting::common::v1::rule).pattern();
  if (pattern.empty()) pattern = edge::NamePatternOf(field);
  return re2::RE2::FullMatch(name, absl::StrReplaceAll(pattern, {{"{uuid}", "[0-9a-f-]{36}"}}));
}

// All that the service shows of what has these names, to another service where one may read it, for that sees the most.
std::string AllThatIsShown(const std::set<std::string>& names) {
  std::string shown;
  for (const Rpc& rpc : Unary()) {
    const auto* type = rpc.method->input_type();
    if (!absl::StartsWith(rpc.method->name(), "Get") && !absl::StartsWith(rpc.method->name(), "List")) continue;
    const std::vector<std::string> roles = edge::RolesOf(*rpc.method);
    const bool to_service = std::find(roles.begin(), roles.end(), "service") != roles.end();
    const std::string token = to_service ? test::Token("services/referral", "", {"service"}) : rpc.token();
    const FieldDescriptor* name = type->FindFieldByName("name");
    if (name == nullptr) name = type->FindFieldByName("parent");
    const std::unique_ptr<Message> request = NewOf(type);
    if (name == nullptr) shown += Send(rpc.method, *request, token).bytes;
    for (const std::string& one : names) {
      if (name == nullptr || !Fits(*name, one)) continue;
      request->GetReflection()->SetString(request.get(), name, one);
      shown += Send(rpc.method, *request, token).bytes;
    }
  }
  return shown;
}

void ExpectNowhere(const Planted& planted) {
  for (const std::string& table : Tables()) {
    EXPECT_THAT(planted.canaries.FoundIn(RowsOf(table)), IsEmpty()) << "in " << table;
  }
  EXPECT_THAT(planted.canaries.FoundIn(test::RedisContents()), IsEmpty()) << "in Redis";
  EXPECT_THAT(planted.canaries.FoundIn(Metrics()), IsEmpty()) << "among the metrics";
}

// What was done is not done again, and what its response told of somebody is told nobody.
void ExpectRepeatsTellNothing(const Planted& planted) {
  std::size_t gone = 0;
  for (const Done& one : planted.done) {
    const Answer repeat = Send(one.method, *one.request, one.token);
    const bool is_gone = ReasonOf(repeat.status) == "RESPONSE_GONE";
    EXPECT_TRUE(is_gone || (repeat.replayed && !one.told)) << PathOf(one.method) << ": " << repeat.status;
    EXPECT_THAT(planted.canaries.FoundIn(repeat.bytes), IsEmpty()) << PathOf(one.method);
    if (is_gone) ++gone;
  }
  EXPECT_GT(gone, 0U);
}

TEST(Canaries, OfEveryRequestStandNowhereInClearAndAreGoneWithTheKeys) {
  Planted planted;
  const test::StoresLog stores;
  const test::SpanCollector spans;
  ServiceUnderTest().end();
  ServiceUnderTest().start({.span_collector = spans.address()});
  Captured captured;
  PlantEverywhere(200, &planted);
  PlantTooMuchInEveryRpc(&planted);
  ExpectNowhere(planted);
  EXPECT_THAT(planted.canaries.FoundIn(AllThatIsShown(planted.names)), Not(IsEmpty())) << "nothing was read";

  const std::vector<std::string> roots = TablesWithKeys();
  EXPECT_THAT(roots, Each(StartsWith(ServiceUnderTest().name + ".")));
  for (const std::string& root : roots) Sql(absl::StrCat("UPDATE ", root, " SET key = NULL"));
  ExpectNowhere(planted);
  EXPECT_THAT(planted.canaries.FoundIn(AllThatIsShown(planted.names)), IsEmpty()) << "read without a key";
  ExpectRepeatsTellNothing(planted);

  ServiceUnderTest().drain();  // it sends the last of them
  EXPECT_THAT(spans.Received(), HasSubstr(absl::StrCat("xixinting.", ServiceUnderTest().name, ".v1.")));
  EXPECT_THAT(planted.canaries.FoundIn(spans.Received()), IsEmpty()) << "in the spans";
  ServiceUnderTest().end();
  ServiceUnderTest().start({});

  const std::string log = captured.Stop();
  if (HasFailure()) std::fputs(log.c_str(), stderr);
  EXPECT_THAT(log, HasSubstr("rpc.done"));
  EXPECT_THAT(planted.canaries.FoundIn(log), IsEmpty()) << "in the log";
  EXPECT_THAT(planted.canaries.FoundIn(stores.Text()), IsEmpty()) << "in a store's log";
  EXPECT_THAT(planted.errors_told, HasSubstr("FIELD_INVALID"));
  EXPECT_THAT(planted.canaries.FoundIn(planted.errors_told), IsEmpty()) << "in the texts of errors";
}

// Else the one above would be content with searches that find nothing.
TEST(Canaries, InAnUnsealedColumnWouldBeFoundAndRedisAndMetricsAreRead) {
  const std::string table = ServiceUnderTest().name + ".test_open";
  Sql(absl::StrCat("CREATE TABLE ", table, " AS SELECT '金丝雀'::bytea AS message"));
  EXPECT_THAT(Tables(), Contains(table));
  EXPECT_THAT(RowsOf(table), HasSubstr(absl::BytesToHexString("金丝雀")));
  Sql("DROP TABLE " + table);
  EXPECT_THAT(test::RedisContents(), HasSubstr("xxt:"));
  EXPECT_THAT(Metrics(), HasSubstr("xixinting_redis_up"));
}

}  // namespace
}  // namespace xxt::contract
