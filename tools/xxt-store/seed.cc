#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/calendar/shanghai_time.h"
#include "common/identifiers/display_code.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/store/compiled.h"
#include "common/store/row.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/opened.h"
#include "tools/xxt-store/progress.h"
#include "tools/xxt-store/register.h"
#include "tools/xxt-store/row.h"
#include "xixinting/intake/v1/case.pb.h"
#include "xixinting/intake/v1/fact.pb.h"
#include "xixinting/referral/v1/body.pb.h"

// The only command that knows types; of their tables it knows what these say.
namespace xxt::store_tool {
namespace {

namespace v1 = ::xixinting::intake::v1;
using store::TableBase;
using ::xixinting::referral::v1::Body;

constexpr absl::Duration kApart = absl::Minutes(1);
constexpr absl::Duration kTaken = absl::Hours(24 * 20);  // until a case is closed
constexpr int kSerials = 999'900;                        // of a division in a year
constexpr int kFirstYear = 2000;                         // so that no real case has the codes
constexpr char kEtag[] = "1";

// Null if this program has none.
template <typename M>
const TableBase* TableWith(const char* service) {
  const auto tables = TablesOf(service);
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [](const TableBase* table) { return &table->type() == M::descriptor(); });
  return found == tables.end() ? nullptr : *found;
}

std::vector<std::string> Halls(pqxx::connection_base& db) {
  pqxx::read_transaction transaction(db);
  std::vector<std::string> halls;
  for (const pqxx::row& one : transaction.exec("SELECT name FROM intake.halls ORDER BY name")) {
    halls.emplace_back(one[0].c_str());
  }
  return halls;
}

std::string CodeOf(const std::string& hall, std::size_t halls, std::int64_t number) {
  const std::int64_t of_hall = number / static_cast<std::int64_t>(halls);
  // The district's hall and those below it share a division, and so a row of serials: each hall has years of its own.
  int below = 0;
  int division = 0;
  if (!absl::SimpleAtoi(hall.substr(6, 6), &division)) return "";
  if (hall.size() > 12 && !absl::SimpleAtoi(hall.substr(12), &below)) return "";
  const auto code =
      identifiers::MakeDisplayCode(division, kFirstYear + below, static_cast<int>(of_hall % kSerials) + 1);
  return code.ok() ? *code : "";
}

void AddApplicant(std::int64_t number, absl::Time created, v1::Case* made) {
  v1::Party* party = made->add_parties();
  party->set_name(absl::StrCat(made->name(), "/parties/", identifiers::NewUuid(created)));
  party->set_role(v1::Party::ROLE_APPLICANT);
  party->set_display_name(absl::StrCat("某人", number));
  party->set_resident_id(absl::StrFormat("11010219490230%04d", number % 10'000));  // nobody was born on that day
  party->set_phone_number(absl::StrFormat("+86138%08d", number % 100'000'000));
  party->set_language_code("zh-CN");
}

// Of ten cases nine are closed; of ten open ones one is up for closing.
void SetState(std::int64_t number, absl::Time created, absl::Time now, v1::Case* made) {
  if (number % 10 != 0) {
    made->set_state(v1::Case::STATE_CLOSED);
    rpc::ToProto(std::min(created + kTaken, now), made->mutable_close_time());
    return;
  }
  made->set_state(number % 100 == 0 ? v1::Case::STATE_CLOSURE_PROPOSED : v1::Case::STATE_IN_PROGRESS);
  made->mutable_next_action()->set_summary("联系当事人");
  rpc::ToProto(now + absl::Hours(number % 997 - 300), made->mutable_next_action()->mutable_due_time());
}

v1::Case Make(const TableBase& table, const std::vector<std::string>& halls, std::int64_t number, absl::Time created,
              absl::Time now) {
  // After ten rows of halls a row begins with the next one: else every tenth case would be of half of them.
  const std::size_t place = static_cast<std::size_t>(number);
  const std::string& hall = halls[(place + place / (10 * halls.size())) % halls.size()];
  v1::Case made;
  made.set_name(table.NewName("", created));
  made.set_display_code(CodeOf(hall, halls.size(), number));
  made.set_title("补办火化证明，用于申领丧葬费");
  made.set_summary(
      "火化证明丢失，殡仪馆答复不能补办；柜台已看过死亡证明、户口簿和身份证，均无问题。希望窗口协助查询档案并补办。");
  made.set_hall(hall);
  made.set_service_item("丧葬费申领");
  made.add_difficulties(v1::Case::DIFFICULTY_PAPER_MISSING);
  AddApplicant(number, created, &made);
  made.set_owner(absl::StrCat("staff/made-up-", number % 400));
  SetState(number, created, now, &made);
  rpc::ToProto(created, made.mutable_create_time());
  rpc::ToProto(created, made.mutable_update_time());
  made.set_etag(kEtag);
  return made;
}

// What is known of the household, as of the day on which the case was made.
v1::Fact MakeFact(const TableBase& table, const v1::Case& of, std::int64_t number, absl::Time created) {
  v1::Fact made;
  made.set_name(table.NewName(of.name(), created));
  made.set_kind(static_cast<v1::Fact::Kind>(1 + number % v1::Fact::Kind_MAX));
  made.set_finding(number % 4 == 0 ? v1::Fact::FINDING_DOES_NOT_HOLD : v1::Fact::FINDING_HOLDS);
  made.set_source("本人自述");
  rpc::ToProto(calendar::ToCivilDay(created), made.mutable_as_of_date());
  made.set_state(v1::Fact::STATE_CURRENT);
  made.set_author(of.owner());
  rpc::ToProto(created, made.mutable_create_time());
  made.set_etag(kEtag);
  return made;
}

// Of all kinds and with names such as bodies have: some hundred bodies share each word.
Body MakeBody(std::int64_t number) {
  constexpr std::array kTowns = {"北京市", "上海市", "天津市", "石家庄市", "太原市", "沈阳市", "长春市"};
  constexpr std::array kWords = {"第一", "光明", "东风", "红星", "和平"};
  constexpr std::array kKinds = {"殡仪馆", "人力资源公共服务中心", "机械厂", "医院"};
  const auto of = [number](const auto& words, std::size_t each) {
    return words[static_cast<std::size_t>(number) / each % words.size()];
  };
  Body made;
  made.set_name(absl::StrCat("bodies/made-up-", number));
  made.set_title(absl::StrCat(of(kTowns, 1), of(kWords, 7), of(kKinds, 35), number));
  made.set_kind(static_cast<Body::Kind>(1 + number / 35 % static_cast<std::int64_t>(kKinds.size())));
  made.add_documents_held(absl::StrCat(of(kWords, 7), "档案"));
  made.set_expected_workdays(3);
  made.set_words(absl::StrCat(made.title(), "\n", made.documents_held(0)));
  auto* unit = made.add_units();
  unit->set_id("office");
  unit->set_title("办公室");
  auto* point = unit->add_contact_points();
  point->set_channel(::xixinting::common::v1::CHANNEL_PHONE);
  point->set_address("010-6000 1234");
  point->set_person(absl::StrCat("某人", number));
  made.set_etag(kEtag);
  return made;
}

std::vector<std::string> ColumnsOf(const TableBase& table) {
  const TableBase::Compiled& compiled = table.compiled();
  std::vector<std::string> columns = compiled.pattern.columns;
  for (const auto& column : compiled.columns) columns.push_back(column.name);
  for (const char* own : {"version", "message", "sealed"}) columns.emplace_back(own);
  if (compiled.searched) columns.emplace_back("search");
  if (compiled.has_key) columns.emplace_back("key");
  return columns;
}

// In the order of ColumnsOf. `key` is the root's, of the root itself wrapped.
std::vector<pg::Param> ValuesOf(const TableBase& table, const seal::Keyring& keys, const seal::Keyring::Made& key,
                                google::protobuf::Message* made, const std::string& name) {
  const TableBase::Compiled& compiled = table.compiled();
  const store::Written written = store::WriteRow({}, made);
  const auto ids = *compiled.pattern.Ids(name);
  std::vector<pg::Param> values(ids.begin(), ids.end());
  for (pg::Param& value : Derive(table, *made)) values.push_back(std::move(value));
  values.emplace_back(1);
  values.push_back(pg::Param::Bytes(written.message));
  if (written.leaves.empty()) {
    values.emplace_back(std::nullopt);
  } else {
    values.push_back(pg::Param::Bytes(key.key.Seal(name, seal::Encode(written.leaves))));
  }
  if (compiled.searched) values.push_back(pg::Param::Bytes(*store::SearchOf(keys, *made)));  // each has an applicant's
  if (compiled.has_key) values.push_back(pg::Param::Bytes(key.wrapped));
  return values;
}

// stream_to of 6.4 takes rows whose width is in their type.
constexpr std::size_t kNarrowest = 5;
constexpr std::size_t kWidest = 24;
template <std::size_t kWidth = kNarrowest>
void Put(const std::vector<std::optional<std::string>>& values, pqxx::stream_to* stream) {
  if (values.size() == kWidth) {
    std::array<const char*, kWidth> row{};
    std::transform(values.begin(), values.end(), row.begin(), [](const std::optional<std::string>& value) {
      return value.has_value() ? value->c_str() : nullptr;
    });
    *stream << row;
  } else if constexpr (kWidth < kWidest) {
    Put<kWidth + 1>(values, stream);
  } else {
    throw pqxx::usage_error("a table of so many columns is not seeded");
  }
}

// As a service does before it seals.
bool NoteKeys(const Surroundings& around) {
  pqxx::work transaction(around.db);
  NoteKey(transaction, *around.keys);
  const std::optional<Text> why = WhyNotItsKeys(NotedKeys(transaction), *around.keys);
  if (why.has_value()) {
    around.Complain(*why);
    return false;
  }
  transaction.commit();
  return true;
}

using Values = std::vector<std::optional<std::string>>;

void CopyInto(pqxx::work& transaction, const TableBase& table, const std::vector<Values>& rows) {
  if (rows.empty()) return;
  pqxx::stream_to stream(transaction, table.name(), ColumnsOf(table));
  for (const Values& row : rows) Put(row, &stream);
  stream.complete();
}

// Complains if there is something already.
bool MayFill(const Surroundings& around, const TableBase& table, std::int64_t there, bool add) {
  if (there == 0 || add) return true;
  around.Complain({absl::StrCat(table.name(), " 里已有 ", there, " 条：若确是测试库，加 --add"),
                   absl::StrCat(table.name(), " has ", there, " rows: if it is a bench's, say --add")});
  return false;
}

// `batch` writes as many rows as it is told, from that number on, in a transaction.
void InBatches(const Surroundings& around, const TableBase& table, std::int64_t count, int batch,
               const std::function<void(pqxx::work&, std::int64_t begin, std::int64_t end)>& write) {
  // As the services' sessions have it (decision 0012): the plans of triggers are kept, and those that were made over an
  // empty table would read all of it for each row.
  pqxx::nontransaction(around.db).exec("SET enable_seqscan = off");
  Progress progress(around.err, around.live, table.name(), count);
  while (progress.done() < count) {
    const std::int64_t end = std::min<std::int64_t>(progress.done() + batch, count);
    pqxx::work transaction(around.db);
    write(transaction, progress.done(), end);
    transaction.commit();
    progress.Add(end - progress.done());
  }
  progress.End(Text{absl::StrCat("写入 ", count, " 条"), absl::StrCat(count, " written")}.In(around.language));
}

ExitCode SeedCases(const Surroundings& around, const SeedOptions& options) {
  const TableBase* cases = TableWith<v1::Case>("intake");
  const TableBase* facts = TableWith<v1::Fact>("intake");
  if (cases == nullptr || facts == nullptr) {
    around.Complain({"这个服务没有诉求表", "this service has no table of cases"});
    return kUsage;
  }
  const std::int64_t there = Count(around.db, *cases);
  if (!MayFill(around, *cases, there, options.add)) return kFailed;
  const std::vector<std::string> halls = Halls(around.db);
  if (halls.empty()) {
    around.Complain({"库里没有大厅", "there are no halls"});
    return kFailed;
  }
  if (!NoteKeys(around)) return kFailed;
  InBatches(around, *cases, options.cases, options.batch,
            [&](pqxx::work& transaction, std::int64_t begin, std::int64_t end) {
              std::vector<Values> rows;
              std::vector<Values> rows_of_facts;
              for (std::int64_t i = begin; i < end; ++i) {
                const absl::Time created = options.now - kApart * (options.cases - 1 - i);
                v1::Case made = Make(*cases, halls, there + i, created, options.now);
                const seal::Keyring::Made key = around.keys->Make(made.name());
                for (int one = 0; one < options.facts; ++one) {
                  v1::Fact fact = MakeFact(*facts, made, (there + i) * options.facts + one, created);
                  rows_of_facts.push_back(TextsOf(ValuesOf(*facts, *around.keys, key, &fact, fact.name())));
                }
                rows.push_back(TextsOf(ValuesOf(*cases, *around.keys, key, &made, made.name())));
              }
              CopyInto(transaction, *cases, rows);
              CopyInto(transaction, *facts, rows_of_facts);
            });
  return kDone;
}

ExitCode SeedBodies(const Surroundings& around, const SeedOptions& options) {
  const TableBase* bodies = TableWith<Body>("referral");
  if (bodies == nullptr) {
    around.Complain({"这个服务没有外单位名录", "this service has no directory of bodies"});
    return kUsage;
  }
  const std::int64_t there = Count(around.db, *bodies);
  if (!MayFill(around, *bodies, there, options.add) || !NoteKeys(around)) return kFailed;
  InBatches(around, *bodies, options.bodies, options.batch,
            [&](pqxx::work& transaction, std::int64_t begin, std::int64_t end) {
              std::vector<Values> rows;
              for (std::int64_t i = begin; i < end; ++i) {
                Body made = MakeBody(there + i);
                const seal::Keyring::Made key = around.keys->Make(made.name());
                rows.push_back(TextsOf(ValuesOf(*bodies, *around.keys, key, &made, made.name())));
              }
              CopyInto(transaction, *bodies, rows);
            });
  return kDone;
}

}  // namespace

ExitCode Seed(const Surroundings& around, const SeedOptions& options) {
  return options.bodies > 0 ? SeedBodies(around, options) : SeedCases(around, options);
}

}  // namespace xxt::store_tool
