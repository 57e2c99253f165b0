#include "services/intake/benefit/benefit.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/benefit/catalogue_rules.h"
#include "services/intake/benefit/coverage_rules.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/benefit.grpc.pb.h"

namespace xxt::intake {
namespace benefit {

const store::Table<v1::Benefit> kBenefits("intake.benefits", {.lists = {{"all", {}, "id"}}, .keyless = true});

namespace {

RuleFacts FactsOf(const v1::Benefit::Rule& rule) {
  RuleFacts facts;
  facts.valid_from = rpc::FromProto(rule.valid_from());
  if (rule.has_valid_to()) facts.valid_to = rpc::FromProto(rule.valid_to());
  for (const v1::Benefit::Test& test : rule.tests()) facts.kinds.push_back(test.kind());
  facts.excludes.assign(rule.excludes().begin(), rule.excludes().end());
  return facts;
}

// What any rule of it excludes, whenever it holds.
std::set<std::string> ExcludedBy(const v1::Benefit& benefit) {
  std::set<std::string> names;
  for (const v1::Benefit::Rule& rule : benefit.rules()) names.insert(rule.excludes().begin(), rule.excludes().end());
  return names;
}

absl::Status Check(const v1::PutBenefitRequest& request) {
  std::vector<RuleFacts> rules;
  for (const v1::Benefit::Rule& rule : request.benefit().rules()) rules.push_back(FactsOf(rule));
  std::vector<errors::Violation> faults = FindRuleFaults(request.name(), rules);
  return faults.empty() ? absl::OkStatus() : errors::FieldsInvalid(std::move(faults));
}

// Where the benefit says that it excludes `name`.
std::string PathTo(const v1::Benefit& benefit, const std::string& name) {
  for (int i = 0; i < benefit.rules_size(); ++i) {
    for (int j = 0; j < benefit.rules(i).excludes_size(); ++j) {
      if (benefit.rules(i).excludes(j) == name) return absl::StrCat("benefit.rules[", i, "].excludes[", j, "]");
    }
  }
  return "benefit.rules";
}

// Locks the benefit and those that it excludes, in the order of their names, so that nobody waits in a circle and two
// who refer to each other at once meet. Returns whether the benefit is new.
absl::StatusOr<bool> LockAll(Tx& tx, const v1::PutBenefitRequest& request) {
  std::set<std::string> names = ExcludedBy(request.benefit());
  names.insert(request.name());
  bool is_new = false;
  for (const std::string& name : names) {
    v1::Benefit found;
    if (name == request.name()) {
      const absl::Status loaded = tx.Load(kBenefits, name, request.etag(), &found);
      is_new = absl::IsNotFound(loaded) && request.etag().empty();
      if (!is_new) XXT_RETURN_IF_ERROR(loaded);
      continue;
    }
    XXT_RETURN_IF_ERROR(tx.Load(kBenefits, name, "", &found));
    if (ExcludedBy(found).empty()) continue;
    return errors::FieldInvalid(PathTo(request.benefit(), name), "这项待遇的规则自己也排除别的待遇，规则不能连环引用",
                                "excludes others itself: rules must not refer to each other");
  }
  return is_new;
}

// What excludes is excluded by none, so that no verdict depends on another's that is not the last word.
absl::Status CheckNotExcluded(Tx& tx, const v1::PutBenefitRequest& request) {
  const std::set<std::string> excluded = ExcludedBy(request.benefit());
  if (excluded.empty()) return absl::OkStatus();
  XXT_ASSIGN_OR_RETURN(const std::vector<v1::Benefit> catalogue, ReadCatalogue(tx));
  for (const v1::Benefit& other : catalogue) {
    if (ExcludedBy(other).count(request.name()) == 0) continue;
    return errors::FieldInvalid(PathTo(request.benefit(), *excluded.begin()),
                                "这项待遇已被别的待遇排除，规则不能连环引用",
                                "cannot stand while another excludes this benefit: rules must not refer to each other");
  }
  return absl::OkStatus();
}

absl::Status Put(Tx& tx, const v1::PutBenefitRequest& request, v1::Benefit& made) {
  XXT_RETURN_IF_ERROR(Check(request));
  XXT_ASSIGN_OR_RETURN(const bool is_new, LockAll(tx, request));
  XXT_RETURN_IF_ERROR(CheckNotExcluded(tx, request));
  made = request.benefit();
  made.set_name(request.name());
  if (is_new) {
    tx.Insert(kBenefits, made);
  } else {
    tx.Save(kBenefits, made);
  }
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetBenefitRequest& request, v1::Benefit& found) {
  return tx.Get(kBenefits, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListBenefitsRequest& request, v1::ListBenefitsResponse& response) {
  return tx.List(kBenefits, "all", request, &response);
}

// What pays a part of the cost, and where the request names it.
struct Payer {
  std::string field;
  std::string name;
  std::string title;
  v1::Benefit::Rule rule;
};

// Adds those that `names`, the request's field `list`, names.
absl::Status AddPayers(Tx& tx, const char* list, const google::protobuf::RepeatedPtrField<std::string>& names,
                       absl::CivilDay day, std::vector<Payer>* payers) {
  for (int i = 0; i < names.size(); ++i) {
    const std::string field = absl::StrCat(list, "[", i, "]");
    v1::Benefit benefit;
    XXT_RETURN_IF_ERROR(tx.Get(kBenefits, names[i], &benefit));
    const v1::Benefit::Rule* rule = RuleOn(benefit, day);
    if (rule == nullptr || !rule->has_layer()) {
      return errors::FieldInvalid(field, "这项待遇在这一天不报销费用", "pays no costs on that day");
    }
    payers->push_back({field, names[i], benefit.title(), *rule});
  }
  return absl::OkStatus();
}

// Each is had once, and all of them together.
absl::Status CheckTogether(const std::vector<Payer>& payers) {
  std::set<std::string> names;
  std::set<std::string> excluded;
  for (const Payer& payer : payers) {
    if (!names.insert(payer.name).second) return errors::FieldInvalid(payer.field, "写了两次", "is named twice");
    excluded.insert(payer.rule.excludes().begin(), payer.rule.excludes().end());
  }
  for (const Payer& payer : payers) {
    if (excluded.count(payer.name) == 0) continue;
    return errors::FieldInvalid(payer.field, "不能与另一项同时享受", "is excluded by another that is named");
  }
  return absl::OkStatus();
}

// Of the first `count` of them.
void Fill(std::int64_t cost_fen, const std::vector<Payer>& payers, std::size_t count, v1::Coverage::Stack* stack) {
  std::vector<CoverageLayer> layers;
  for (std::size_t i = 0; i < count; ++i) {
    const v1::Benefit::Layer& layer = payers[i].rule.layer();
    layers.push_back(
        {layer.base() == v1::Benefit::Layer::BASE_REMAINDER, layer.rate_bp(), layer.floor_fen(), layer.cap_fen()});
  }
  const Covered covered = Cover(cost_fen, layers);
  for (std::size_t i = 0; i < count; ++i) {
    v1::Coverage::Share& share = *stack->add_shares();
    share.set_benefit(payers[i].name);
    share.set_title(payers[i].title);
    share.set_base_fen(covered.shares[i].base_fen);
    share.set_paid_fen(covered.shares[i].paid_fen);
    share.set_left_fen(covered.shares[i].left_fen);
    share.set_source(payers[i].rule.layer().source());
  }
  stack->set_paid_fen(covered.paid_fen);
  stack->set_own_fen(covered.own_fen);
  stack->set_rate_bp(static_cast<std::int32_t>(covered.rate_bp));
}

absl::Status Preview(Tx& tx, const v1::PreviewCoverageRequest& request, v1::Coverage& coverage) {
  const absl::CivilDay day =
      request.has_as_of_date() ? rpc::FromProto(request.as_of_date()) : calendar::ToCivilDay(tx.now);
  std::vector<Payer> payers;
  XXT_RETURN_IF_ERROR(AddPayers(tx, "held", request.held(), day, &payers));
  const std::size_t held = payers.size();
  XXT_RETURN_IF_ERROR(AddPayers(tx, "added", request.added(), day, &payers));
  XXT_RETURN_IF_ERROR(CheckTogether(payers));
  coverage.set_standing(v1::Coverage::STANDING_ESTIMATE);
  coverage.set_rounding(v1::Coverage::ROUNDING_DOWN_TO_FEN);
  rpc::ToProto(day, coverage.mutable_as_of_date());
  Fill(request.cost_fen(), payers, held, coverage.mutable_before());
  Fill(request.cost_fen(), payers, payers.size(), coverage.mutable_after());
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::BenefitService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(PutBenefit, Benefit, Put)
  XXT_READ(GetBenefit, Benefit, Get)
  XXT_READ(ListBenefits, ListBenefitsResponse, List)
  XXT_READ(PreviewCoverage, Coverage, Preview)
};

}  // namespace

absl::StatusOr<std::vector<v1::Benefit>> ReadCatalogue(Tx& tx) {
  std::vector<v1::Benefit> all;
  XXT_RETURN_IF_ERROR(ReadPages<v1::ListBenefitsResponse>(
      tx, kBenefits, "all", v1::ListBenefitsRequest(), [&all](const v1::ListBenefitsResponse& page) {
        all.insert(all.end(), page.benefits().begin(), page.benefits().end());
      }));
  return all;
}

const v1::Benefit::Rule* RuleOn(const v1::Benefit& benefit, absl::CivilDay day) {
  for (const v1::Benefit::Rule& rule : benefit.rules()) {
    const RuleFacts facts = FactsOf(rule);
    if (HoldsOn(facts.valid_from, facts.valid_to, day)) return &rule;
  }
  return nullptr;
}

}  // namespace benefit

edge::Slice BenefitSlice() { return {{}, {}, {edge::ServiceOf<benefit::Service>()}}; }

}  // namespace xxt::intake
