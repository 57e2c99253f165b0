#include "common/rpc/validate.h"

#include <google/protobuf/descriptor.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "common/concurrency/mutex.h"
#include "common/edge/fields.h"
#include "common/identifiers/uuid.h"
#include "common/text/unicode.h"
#include "google/api/field_info.pb.h"
#include "xixinting/common/v1/options.pb.h"

namespace xxt::rpc {
namespace {

using errors::Violation;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::uint32_t kDefaultMaxChars = 200;
constexpr std::uint32_t kDefaultMaxItems = 100;
constexpr std::uint32_t kPageTokenMaxChars = 1000;
constexpr std::int64_t kPageSizeMax = 1'000'000;

// What one field declares, read from the descriptor once.
struct FieldPlan {
  const FieldDescriptor* field = nullptr;
  bool required = false;
  bool uuid = false;
  std::uint32_t max_chars = kDefaultMaxChars;
  std::uint32_t max_items = kDefaultMaxItems;
  bool multiline = false;
  bool bounded = false;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string pattern_text;  // as the proto has it, for people
  std::unique_ptr<RE2> pattern;
};
using Plan = std::vector<FieldPlan>;

// "{uuid}" in a pattern: what PostgreSQL takes as a uuid, in its one spelling.
constexpr absl::string_view kUuid = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

void SetPattern(const std::string& pattern, FieldPlan* item) {
  if (pattern.empty()) return;
  item->pattern_text = pattern;
  item->pattern = std::make_unique<RE2>(absl::StrReplaceAll(pattern, {{"{uuid}", kUuid}}));
}

// What fields of requests hold by their names, where the proto says nothing.
void FollowConvention(FieldPlan* item) {
  const std::string& name = item->field->name();
  if (name == "request_id") {
    item->uuid = true;
  } else if (name == "page_token") {
    item->max_chars = kPageTokenMaxChars;
  } else if (name == "page_size") {
    item->bounded = true;
    item->max = kPageSizeMax;
  }
}

Plan MakePlan(const Descriptor* type) {
  Plan plan;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!edge::SaidByCallers(*field)) continue;
    FieldPlan item;
    item.field = field;
    item.required = edge::Required(*field);
    item.uuid = field->options().GetExtension(google::api::field_info).format() == google::api::FieldInfo::UUID4;
    const auto& rule = field->options().GetExtension(xixinting::common::v1::rule);
    if (rule.max_chars() > 0) item.max_chars = rule.max_chars();
    if (rule.max_items() > 0) item.max_items = rule.max_items();
    SetPattern(rule.pattern().empty() ? edge::NamePatternOf(*field) : rule.pattern(), &item);
    item.multiline = rule.multiline();
    item.bounded = rule.min() != 0 || rule.max() != 0;
    item.min = rule.min();
    item.max = rule.max();
    if (edge::ByConvention(*field)) FollowConvention(&item);
    plan.push_back(std::move(item));
  }
  return plan;
}

const Plan& PlanOf(const Descriptor* type) {
  struct Plans {
    Mutex mu;
    std::unordered_map<const Descriptor*, std::unique_ptr<const Plan>> by_type XXT_GUARDED_BY(mu);
  };
  static Plans* const plans = new Plans();
  const MutexLock lock(plans->mu);
  auto& plan = plans->by_type[type];
  if (plan == nullptr) plan = std::make_unique<const Plan>(MakePlan(type));
  return *plan;
}

bool HasControl(const std::u32string& text, bool multiline) {
  return std::any_of(text.begin(), text.end(), [multiline](char32_t c) {
    return text::IsControl(c) && !(multiline && (c == U'\n' || c == U'\t'));
  });
}

void CheckText(const FieldPlan& plan, const std::string& text, const std::string& path, std::vector<Violation>* found) {
  if (text.empty()) return;
  const absl::StatusOr<std::u32string> chars = text::DecodeUtf8(text);
  if (!chars.ok()) {
    found->push_back({path, "须为 UTF-8 编码", "is not UTF-8"});
  } else if (text::IsBlank(*chars)) {
    found->push_back({path, "只有空白，看不到内容", "holds nothing that can be seen"});
  } else if (chars->size() > plan.max_chars) {
    found->push_back({path, absl::StrCat("太长，最多 ", plan.max_chars, " 个字"),
                      absl::StrCat("is longer than ", plan.max_chars, " characters")});
  } else if (HasControl(*chars, plan.multiline)) {
    found->push_back({path, "含有不可见的控制字符", "holds control characters"});
  } else if (plan.uuid && !identifiers::IsUuid(text)) {
    found->push_back({path, "应为小写的 UUID", "must be a UUID in lower case"});
  } else if (plan.pattern != nullptr && !RE2::FullMatch(text, *plan.pattern)) {
    found->push_back(
        {path, absl::StrCat("格式不对，应符合 ", plan.pattern_text), absl::StrCat("must match ", plan.pattern_text)});
  }
}

void CheckNumber(const FieldPlan& plan, std::int64_t value, const std::string& path, std::vector<Violation>* found) {
  if (plan.bounded && (value < plan.min || value > plan.max)) {
    found->push_back({path, absl::StrCat("应在 ", plan.min, " 到 ", plan.max, " 之间"),
                      absl::StrCat("must be between ", plan.min, " and ", plan.max)});
  }
}

void CheckEnum(const FieldPlan& plan, int value, const std::string& path, std::vector<Violation>* found) {
  if (plan.field->enum_type()->FindValueByNumber(value) == nullptr) {
    found->push_back({path, "没有这个选项", "is not a known value"});
  }
}

void CheckMessage(const Message& message, const std::string& prefix, std::vector<Violation>* found);

void CheckRepeated(const FieldPlan& plan, const Message& message, const std::string& path,
                   std::vector<Violation>* found) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* field = plan.field;
  const int size = reflection.FieldSize(message, field);
  if (plan.required && size == 0) found->push_back({path, "不能为空", "is required"});
  if (static_cast<std::uint32_t>(size) > plan.max_items) {
    found->push_back(
        {path, absl::StrCat("最多 ", plan.max_items, " 项"), absl::StrCat("has more than ", plan.max_items, " items")});
    return;
  }
  for (int i = 0; i < size; ++i) {
    const std::string item = absl::StrCat(path, "[", i, "]");
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      const std::string text = reflection.GetRepeatedString(message, field, i);
      if (text.empty()) found->push_back({item, "不能为空", "must not be empty"});
      CheckText(plan, text, item, found);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      const int value = reflection.GetRepeatedEnumValue(message, field, i);
      if (value == 0) found->push_back({item, "不能为空", "must not be unspecified"});
      CheckEnum(plan, value, item, found);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      CheckMessage(reflection.GetRepeatedMessage(message, field, i), item, found);
    }
  }
}

void CheckSingular(const FieldPlan& plan, const Message& message, const std::string& path,
                   std::vector<Violation>* found) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* field = plan.field;
  bool missing = false;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text = reflection.GetStringReference(message, field, &scratch);
      missing = text.empty();
      CheckText(plan, text, path, found);
      break;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      missing = reflection.GetEnumValue(message, field) == 0;
      CheckEnum(plan, reflection.GetEnumValue(message, field), path, found);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      missing = !reflection.HasField(message, field);
      if (!missing) CheckMessage(reflection.GetMessage(message, field), path, found);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      CheckNumber(plan, reflection.GetInt32(message, field), path, found);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      CheckNumber(plan, reflection.GetInt64(message, field), path, found);
      break;
    default:
      break;
  }
  if (plan.required && missing) found->push_back({path, "不能为空", "is required"});
}

// google.protobuf.Timestamp and Duration, google.type.Date: their own ranges.
bool CheckWellKnown(const Message& message, const std::string& path, std::vector<Violation>* found) {
  const std::string& type = message.GetDescriptor()->full_name();
  const auto value = [&](const char* name) -> std::int64_t {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
    return field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? message.GetReflection()->GetInt64(message, field)
                                                               : message.GetReflection()->GetInt32(message, field);
  };
  bool good = true;
  if (type == "google.protobuf.Timestamp") {
    // Years 1900 to 9999: what forms and the database both hold.
    good = value("seconds") >= -2208988800 && value("seconds") <= 253402300799 && value("nanos") >= 0 &&
           value("nanos") < 1'000'000'000;
  } else if (type == "google.type.Date") {
    const absl::CivilDay day(value("year"), static_cast<int>(value("month")), static_cast<int>(value("day")));
    good = value("year") >= 1900 && value("year") <= 9999 && day.month() == value("month") && day.day() == value("day");
  } else if (type != "google.protobuf.Duration") {
    return false;
  }
  if (!good) found->push_back({path, "不是有效的日期或时间", "is not a valid date or time"});
  return true;
}

void CheckMessage(const Message& message, const std::string& prefix, std::vector<Violation>* found) {
  if (CheckWellKnown(message, prefix, found)) return;
  for (const FieldPlan& plan : PlanOf(message.GetDescriptor())) {
    const std::string path = prefix.empty() ? plan.field->name() : absl::StrCat(prefix, ".", plan.field->name());
    if (plan.field->is_repeated()) {  // a map, too
      CheckRepeated(plan, message, path, found);
    } else if (plan.field->containing_oneof() == nullptr || message.GetReflection()->HasField(message, plan.field)) {
      CheckSingular(plan, message, path, found);
    }
  }
}

}  // namespace

std::vector<Violation> Violations(const Message& request) {
  std::vector<Violation> found;
  CheckMessage(request, "", &found);
  return found;
}

}  // namespace xxt::rpc
