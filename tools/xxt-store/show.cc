#include <google/protobuf/text_format.h>
#include <google/protobuf/timestamp.pb.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "common/store/compiled.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/opened.h"
#include "tools/xxt-store/row.h"

namespace xxt::store_tool {
namespace {

using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::Timestamp;

// A moment as people here read it, not in seconds.
class MomentPrinter final : public TextFormat::MessagePrinter {
 public:
  void Print(const Message& message, bool /*single_line*/, TextFormat::BaseTextGenerator* generator) const override {
    const absl::Time moment = rpc::FromProto(static_cast<const Timestamp&>(message));
    generator->PrintString(
        absl::StrCat(absl::FormatTime("%Y-%m-%d %H:%M:%E*S %Ez", moment, calendar::Shanghai()), "\n"));
  }
};

// With unknown fields by their numbers.
std::string TextOf(const Message& message) {
  TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  printer.RegisterMessagePrinter(Timestamp::descriptor(), new MomentPrinter());  // the printer owns it
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

Text WhatOfBlob(Blob blob, bool shown) {
  switch (blob) {
    case Blob::kNone:
      return {"无个人信息", "nothing personal"};
    case Blob::kOpened:
      return shown ? Text{"个人信息已显示", "personal data shown"} : Text{"个人信息已遮盖", "personal data masked"};
    case Blob::kErased:
      return {"个人信息已删除", "personal data erased"};
    case Blob::kClosed:
      return {"个人信息未打开（没有密钥文件）", "personal data sealed (no key file)"};
    case Blob::kDamaged:
      return {"个人信息打不开", "personal data cannot be opened"};
  }
  return {};
}

void Record(pqxx::transaction_base& transaction, const std::string& name, const Reveal& reveal) {
  transaction.exec_params0("INSERT INTO backbone.reveal (who, name, reason) VALUES ($1, $2, $3)", reveal.who, name,
                           reveal.reason);
}

}  // namespace

ExitCode Show(const Surroundings& around, const store::TableBase& table, const std::string& name,
              const std::optional<Reveal>& reveal) {
  std::optional<Row> row;
  {
    pqxx::work transaction(around.db);
    if (reveal.has_value()) transaction.exec0("SET TRANSACTION READ WRITE");
    row = ReadOne(transaction, table, *table.compiled().pattern.Ids(name));
    if (row.has_value() && reveal.has_value()) Record(transaction, name, *reveal);
    transaction.commit();
  }
  if (!row.has_value()) {
    around.Complain({absl::StrCat("没有 ", name), absl::StrCat("there is no ", name)});
    return kFailed;
  }
  Opened opened = Open(table, *row, around.keys);
  std::vector<Text> faults = opened.faults;
  if (opened.message != nullptr) {
    for (Text& fault : ColumnFaults(table, *row, opened)) faults.push_back(std::move(fault));
    if (!reveal.has_value()) Mask(&opened);
  }
  around.out << "# " << table.name() << (around.language == Language::kChinese ? "，" : ", ")
             << WhatOfBlob(opened.blob, reveal.has_value()).In(around.language) << "\n";
  for (const Text& fault : faults) around.out << "# ! " << fault.In(around.language) << "\n";
  if (opened.message == nullptr) return kFailed;
  around.out << TextOf(*opened.message);
  return kDone;
}

}  // namespace xxt::store_tool
