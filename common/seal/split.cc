#include "common/seal/split.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
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

// Where the personal texts of a type are.
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
      if (field->is_map()) continue;
      if (IsPersonal(*field)) plan.texts.push_back(field);
      std::set<const Descriptor*> seen;
      if (field->message_type() != nullptr && Reaches(*field->message_type(), &seen)) {
        plan.inner.emplace_back(field, &Make(*field->message_type()));
      }
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

void TakePersonal(const Plan& plan, const std::string& prefix, Message* message, std::vector<Leaf>* leaves) {
  const Reflection& reflection = *message->GetReflection();
  for (const FieldDescriptor* field : plan.texts) {
    const std::string path = PathOf(prefix, *field);
    if (!field->is_repeated()) {
      if (reflection.HasField(*message, field)) Take({message, field}, path, leaves);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      Take({message, field, i}, absl::StrCat(path, "[", i, "]"), leaves);
    }
  }
  for (const auto& [field, inner] : plan.inner) {
    const std::string path = PathOf(prefix, *field);
    if (!field->is_repeated()) {
      if (!reflection.HasField(*message, field)) continue;
      TakePersonal(*inner, path, reflection.MutableMessage(message, field), leaves);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      TakePersonal(*inner, absl::StrCat(path, "[", i, "]"), reflection.MutableRepeatedMessage(message, field, i),
                   leaves);
    }
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

enum class Found { kThere, kUnknown, kGone };

// Goes to `path`: kUnknown if this version does not know it, kGone if it does,
// but what it lies in is not there any more.
Found Go(Message* message, absl::string_view path, Place* place) {
  const std::vector<absl::string_view> steps = absl::StrSplit(path, '.');
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step step;
    if (!ParseStep(steps[i], &step)) return Found::kUnknown;
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByNumber(step.number);
    if (field == nullptr || field->is_map() || field->is_repeated() != (step.index >= 0)) return Found::kUnknown;
    const Reflection& reflection = *message->GetReflection();
    const bool there = field->is_repeated() ? step.index < reflection.FieldSize(*message, field)
                                            : !field->has_presence() || reflection.HasField(*message, field);
    if (i + 1 == steps.size()) {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return Found::kUnknown;
      *place = {message, field, step.index};
      return there ? Found::kThere : Found::kGone;
    }
    if (field->message_type() == nullptr) return Found::kUnknown;
    if (!there) return Found::kGone;
    message = field->is_repeated() ? reflection.MutableRepeatedMessage(message, field, step.index)
                                   : reflection.MutableMessage(message, field);
  }
  return Found::kUnknown;
}

}  // namespace

bool HasPersonal(const Descriptor& type) {
  const Plan& plan = PlanOf(type);
  return !plan.texts.empty() || !plan.inner.empty();
}

std::vector<Leaf> TakeOut(Message* message, const std::vector<Leaf>& sealed_before) {
  if (XXT_PLANTED_BUG("personal_left_open")) return {};
  std::vector<Leaf> leaves;
  TakePersonal(PlanOf(*message->GetDescriptor()), "", message, &leaves);
  for (const Leaf& leaf : sealed_before) {
    Place place;
    switch (Go(message, leaf.path, &place)) {
      case Found::kThere:
        Take(place, leaf.path, &leaves);  // unless it is taken already
        break;
      case Found::kUnknown:
        leaves.push_back(leaf);
        break;
      case Found::kGone:
        break;
    }
  }
  std::stable_sort(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) { return a.path < b.path; });
  return leaves;
}

void PutBack(const std::vector<Leaf>& leaves, Message* message) {
  for (const Leaf& leaf : leaves) {
    Place place;
    if (Go(message, leaf.path, &place) == Found::kThere) place.Set(leaf.text);
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
