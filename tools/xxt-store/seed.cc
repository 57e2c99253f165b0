#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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

// The only command that knows a type; of its table it knows what the table says.
namespace xxt::store_tool {
namespace {

namespace v1 = ::xixinting::intake::v1;
using store::TableBase;

constexpr absl::Duration kApart = absl::Minutes(1);
constexpr absl::Duration kTaken = absl::Hours(24 * 20);  // until a case is closed
constexpr int kSerials = 999'900;                        // of a division in a year
constexpr int kFirstYear = 2000;                         // so that no real case has the codes

const TableBase* CasesTable() {
  const auto tables = TablesOf("intake");
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [](const TableBase* table) { return &table->type() == v1::Case::descriptor(); });
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
  const std::string& hall = halls[static_cast<std::size_t>(number) % halls.size()];
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
  made.set_etag("1");
  return made;
}

std::vector<std::string> ColumnsOf(const TableBase& table) {
  const TableBase::Compiled& compiled = table.compiled();
  std::vector<std::string> columns = compiled.pattern.columns;
  for (const auto& column : compiled.columns) columns.push_back(column.name);
  for (const char* own : {"version", "message", "sealed", "search", "key"}) columns.emplace_back(own);
  return columns;
}

// In the order of ColumnsOf.
std::vector<pg::Param> ValuesOf(const TableBase& table, const seal::Keyring& keys, v1::Case* made) {
  const seal::Keyring::Made key = keys.Make(made->name());
  const store::Written written = store::WriteRow({}, made);
  const auto ids = *table.compiled().pattern.Ids(made->name());
  std::vector<pg::Param> values(ids.begin(), ids.end());
  for (pg::Param& value : Derive(table, *made)) values.push_back(std::move(value));
  values.emplace_back(1);
  values.push_back(pg::Param::Bytes(written.message));
  values.push_back(pg::Param::Bytes(key.key.Seal(made->name(), seal::Encode(written.leaves))));
  values.push_back(pg::Param::Bytes(*store::SearchOf(keys, *made)));  // every one has its applicant's numbers
  values.push_back(pg::Param::Bytes(key.wrapped));
  return values;
}

// stream_to of 6.4 takes rows whose width is in their type.
constexpr std::size_t kNarrowest = 8;
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

}  // namespace

ExitCode Seed(const Surroundings& around, const SeedOptions& options) {
  const TableBase* table = CasesTable();
  if (table == nullptr) {
    around.Complain({"这个服务没有诉求表", "this service has no table of cases"});
    return kUsage;
  }
  const std::int64_t there = Count(around.db, *table);
  if (there > 0 && !options.add) {
    around.Complain({absl::StrCat(table->name(), " 里已有 ", there, " 条：若确是测试库，加 --add"),
                     absl::StrCat(table->name(), " has ", there, " rows: if it is a bench's, say --add")});
    return kFailed;
  }
  const std::vector<std::string> halls = Halls(around.db);
  if (halls.empty()) {
    around.Complain({"库里没有大厅", "there are no halls"});
    return kFailed;
  }
  if (!NoteKeys(around)) return kFailed;
  const std::vector<std::string> columns = ColumnsOf(*table);
  Progress progress(around.err, around.live, table->name(), options.cases);
  while (progress.done() < options.cases) {
    const std::int64_t end = std::min<std::int64_t>(progress.done() + options.batch, options.cases);
    pqxx::work transaction(around.db);
    pqxx::stream_to stream(transaction, table->name(), columns);
    for (std::int64_t i = progress.done(); i < end; ++i) {
      const absl::Time created = options.now - kApart * (options.cases - 1 - i);
      v1::Case made = Make(*table, halls, there + i, created, options.now);
      Put(TextsOf(ValuesOf(*table, *around.keys, &made)), &stream);
    }
    stream.complete();
    transaction.commit();
    progress.Add(end - progress.done());
  }
  progress.End(
      Text{absl::StrCat("写入 ", options.cases, " 条"), absl::StrCat(options.cases, " written")}.In(around.language));
  return kDone;
}

}  // namespace xxt::store_tool
