#include "common/seal/split.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "common/concurrency/mutex.h"
#include "common/fault/crash_point.h"
#include "common/status/errors.h"
#include "xixinting/common/v1/field.pb.h"
#include "xixinting/common/v1/leaves.pb.h"

namespace xxt::seal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

bool IsPersonal(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
         field.options().GetExtension(::xixinting::common::v1::personal) !=
             ::xixinting::common::v1::PERSONAL_UNSPECIFIED;
}

// Whether something personal can be in a message of the type.
bool Reaches(const Descriptor& type, std::set<const Descriptor*>* seen) {
  if (!seen->insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsPersonal(field)) return true;
    if (field.message_type() != nullptr && !field.is_map() && Reaches(*field.message_type(), seen)) return true;
  }
  return false;
}

// Whether the field holds messages in which something personal may be, whichever
// version looks: in maps nothing is (field.proto).
bool HoldsMessages(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !field.is_map() &&
         !absl::StartsWith(field.message_type()->full_name(), "google.");
}

// Where the personal texts of a type are, and what else it holds: in any message may be what a newer version sealed.
struct Plan {
  std::vector<const FieldDescriptor*> texts;
  std::vector<std::pair<const FieldDescriptor*, const Plan*>> inner;  // types may hold themselves
};

// The plans of all types, each made once; they stay.
class Plans {
 public:
  const Plan& Of(const Descriptor& type) XXT_EXCLUDES(mu_) {
    const MutexLock lock(mu_);
    return Make(type);
  }

 private:
  const Plan& Make(const Descriptor& type) XXT_REQUIRES(mu_) {
    const auto [found, fresh] = plans_.try_emplace(&type);
    if (!fresh) return *found->second;
    Plan& plan = *(found->second = std::make_unique<Plan>());
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      if (IsPersonal(*field)) plan.texts.push_back(field);
      if (HoldsMessages(*field)) plan.inner.emplace_back(field, &Make(*field->message_type()));
    }
    return plan;
  }

  Mutex mu_;
  std::unordered_map<const Descriptor*, std::unique_ptr<Plan>> plans_ XXT_GUARDED_BY(mu_);
};

const Plan& PlanOf(const Descriptor& type) {
  static auto* const plans = new Plans();
  return plans->Of(type);
}

// One text in a message; index -1: not of a list.
struct Place {
  Message* owner = nullptr;
  const FieldDescriptor* field = nullptr;
  int index = -1;

  std::string Get() const {
    const Reflection& reflection = *owner->GetReflection();
    return index < 0 ? reflection.GetString(*owner, field) : reflection.GetRepeatedString(*owner, field, index);
  }
  // An empty text leaves its place, and which one of a oneof is there.
  void Set(std::string text) const {
    const Reflection& reflection = *owner->GetReflection();
    if (index < 0) {
      reflection.SetString(owner, field, std::move(text));
    } else {
      reflection.SetRepeatedString(owner, field, index, std::move(text));
    }
  }
};

void Take(const Place& place, std::string path, std::vector<Leaf>* leaves) {
  std::string text = place.Get();
  if (text.empty()) return;
  leaves->push_back({std::move(path), std::move(text)});
  place.Set("");
}

// What is put before the step that names `field`.
std::string PathOf(const std::string& prefix, const FieldDescriptor& field) {
  return prefix.empty() ? absl::StrCat(field.number()) : absl::StrCat(prefix, ".", field.number());
}

// The values that `message` has of `field`: path, and place in the list, of each.
void ForEachValue(const FieldDescriptor& field, const std::string& prefix, const Message& message,
                  absl::FunctionRef<void(const std::string& path, int index)> visit) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (reflection.HasField(message, &field)) visit(PathOf(prefix, field), -1);
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    visit(absl::StrCat(PathOf(prefix, field), "[", i, "]"), i);
  }
}

Message* At(Message* message, const FieldDescriptor* field, int index) {
  const Reflection& reflection = *message->GetReflection();
  return index < 0 ? reflection.MutableMessage(message, field)
                   : reflection.MutableRepeatedMessage(message, field, index);
}

// The number of the unknown field that holds a text whose place is unknown here:
// protoc gives it to nobody, so that it is no field of a newer version.
constexpr int kOfNewer = 19000;

// `rest`: the path from `message` on.
void LeaveForNewer(absl::string_view rest, const std::string& text, Message* message) {
  ::xixinting::common::v1::Leaves::Leaf leaf;
  leaf.set_path(std::string(rest));
  leaf.set_text(text);
  message->GetReflection()->MutableUnknownFields(message)->AddLengthDelimited(kOfNewer, leaf.SerializeAsString());
}

void TakeOfNewer(const std::string& prefix, Message* message, std::vector<Leaf>* leaves) {
  const UnknownFieldSet& unknown = message->GetReflection()->GetUnknownFields(*message);
  if (unknown.empty()) return;
  for (int i = 0; i < unknown.field_count(); ++i) {
    const UnknownField& field = unknown.field(i);
    if (field.number() != kOfNewer || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    ::xixinting::common::v1::Leaves::Leaf leaf;
    if (!leaf.ParseFromString(field.length_delimited())) continue;
    leaves->push_back({prefix.empty() ? leaf.path() : absl::StrCat(prefix, ".", leaf.path()), leaf.text()});
  }
  message->GetReflection()->MutableUnknownFields(message)->DeleteByNumber(kOfNewer);
}

void TakePersonal(const Plan& plan, const std::string& prefix, Message* message, std::vector<Leaf>* leaves) {
  TakeOfNewer(prefix, message, leaves);
  for (const FieldDescriptor* field : plan.texts) {
    ForEachValue(*field, prefix, *message, [&](const std::string& path, int index) {
      Take({message, field, index}, path, leaves);
    });
  }
  for (const auto& [field, inner] : plan.inner) {
    ForEachValue(*field, prefix, *message, [&, field = field, inner = inner](const std::string& path, int index) {
      TakePersonal(*inner, path, At(message, field, index), leaves);
    });
  }
}

// One step of a path: "9[0]".
struct Step {
  int number = 0;
  int index = -1;
};

bool ParseStep(absl::string_view text, Step* step) {
  const std::size_t bracket = text.find('[');
  if (!absl::SimpleAtoi(text.substr(0, bracket), &step->number)) return false;
  if (bracket == absl::string_view::npos) return true;
  return absl::ConsumeSuffix(&text, "]") && absl::SimpleAtoi(text.substr(bracket + 1), &step->index) &&
         step->index >= 0;
}

// The field of `type` that the step names, and its place in the list; null if this version knows none.
const FieldDescriptor* FieldOf(const Descriptor* type, absl::string_view text, int* index) {
  Step step;
  if (type == nullptr || !ParseStep(text, &step)) return nullptr;
  const FieldDescriptor* field = type->FindFieldByNumber(step.number);
  if (field == nullptr || field->is_map() || field->is_repeated() != (step.index >= 0)) return nullptr;
  *index = step.index;
  return field;
}

enum class Found { kThere, kUnknown, kGone };

// Where a path leads.
struct Goal {
  Found found = Found::kUnknown;  // kGone: this version knows it, but what it lies in is not there any more
  Place place;
  absl::string_view rest;  // kUnknown: the way on from `place.owner`, as deep as this version knows it
};

Goal Go(Message* message, absl::string_view path) {
  Goal goal{Found::kUnknown, {message}, path};
  for (;;) {
    Message* const at = goal.place.owner;
    const std::size_t dot = goal.rest.find('.');
    const bool last = dot == absl::string_view::npos;
    int index = -1;
    const FieldDescriptor* field = FieldOf(at->GetDescriptor(), goal.rest.substr(0, dot), &index);
    if (field == nullptr) return goal;
    if (last ? field->cpp_type() != FieldDescriptor::CPPTYPE_STRING : !HoldsMessages(*field)) return goal;
    const Reflection& reflection = *at->GetReflection();
    const bool there = field->is_repeated() ? index < reflection.FieldSize(*at, field)
                                            : !field->has_presence() || reflection.HasField(*at, field);
    if (!there) return {Found::kGone, {}, ""};
    if (last) return {Found::kThere, {at, field, index}, ""};
    goal.place.owner = At(at, field, index);
    goal.rest.remove_prefix(dot + 1);
  }
}

// The fields on the way of a path, wherever in lists it leads to; empty if this version does not know them all.
std::vector<const FieldDescriptor*> WayOf(const Descriptor& type, absl::string_view path) {
  std::vector<const FieldDescriptor*> way;
  const Descriptor* at = &type;
  for (const absl::string_view step : absl::StrSplit(path, '.')) {
    int index = -1;
    way.push_back(FieldOf(at, step, &index));
    if (way.back() == nullptr) return {};
    at = way.back()->message_type();
  }
  return way;
}

// Takes what stands at the end of `way`, in every element of the lists on it.
void TakeEverywhere(absl::Span<const FieldDescriptor* const> way, const std::string& prefix, Message* message,
                    std::vector<Leaf>* leaves) {
  const FieldDescriptor* field = way[0];
  ForEachValue(*field, prefix, *message, [&](const std::string& path, int index) {
    if (way.size() == 1) return Take({message, field, index}, path, leaves);
    TakeEverywhere(way.subspan(1), path, At(message, field, index), leaves);
  });
}

}  // namespace

bool HasPersonal(const Descriptor& type) {
  std::set<const Descriptor*> seen;
  return Reaches(type, &seen);
}

std::vector<Leaf> TakeOut(Message* message, const std::vector<Leaf>& sealed_before) {
  if (XXT_PLANTED_BUG("personal_left_open")) return {};
  std::vector<Leaf> leaves;
  TakePersonal(PlanOf(*message->GetDescriptor()), "", message, &leaves);
  for (const Leaf& leaf : sealed_before) {
    const std::vector<const FieldDescriptor*> way = WayOf(*message->GetDescriptor(), leaf.path);
    if (way.empty() || way.back()->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    if (!IsPersonal(*way.back())) TakeEverywhere(way, "", message, &leaves);  // else it is taken already
  }
  std::stable_sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) { return a.path < b.path; });
  return leaves;
}

void PutBack(const std::vector<Leaf>& leaves, Message* message) {
  for (const Leaf& leaf : leaves) {
    const Goal goal = Go(message, leaf.path);
    if (goal.found == Found::kThere) goal.place.Set(leaf.text);
    if (goal.found == Found::kUnknown) LeaveForNewer(goal.rest, leaf.text, goal.place.owner);
  }
}

std::string Encode(const std::vector<Leaf>& leaves) {
  ::xixinting::common::v1::Leaves proto;
  for (const Leaf& leaf : leaves) {
    auto* one = proto.add_leaves();
    one->set_path(leaf.path);
    one->set_text(leaf.text);
  }
  return proto.SerializeAsString();
}

absl::StatusOr<std::vector<Leaf>> Decode(absl::string_view bytes) {
  ::xixinting::common::v1::Leaves proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return errors::Internal("sealed.leaves");
  std::vector<Leaf> leaves;
  leaves.reserve(static_cast<std::size_t>(proto.leaves_size()));
  for (auto& one : *proto.mutable_leaves()) {
    leaves.push_back({std::move(*one.mutable_path()), std::move(*one.mutable_text())});
  }
  return leaves;
}

}  // namespace xxt::seal
