#ifndef XXT_SERVICES_INTAKE_BENEFIT_BENEFIT_H_
#define XXT_SERVICES_INTAKE_BENEFIT_BENEFIT_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/store/table.h"
#include "common/store/tx.h"
#include "services/intake/cases/cases.h"
#include "xixinting/intake/v1/benefit.pb.h"

// The catalogue of benefits.
namespace xxt::intake::benefit {

// The catalogue; nothing in it is personal.
extern const store::Table<v1::Benefit> kBenefits;

// Calls take(page) with every page of a list that `request` asks for, from the first on.
template <typename Page, typename Request, typename Take>
absl::Status ReadPages(Tx& tx, const store::TableBase& table, const char* list, Request request, Take take) {
  request.set_page_size(500);
  do {
    Page page;
    if (absl::Status read = tx.List(table, list, request, &page); !read.ok()) return read;
    request.set_page_token(page.next_page_token());
    take(page);
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// All benefits, by name.
absl::StatusOr<std::vector<v1::Benefit>> ReadCatalogue(Tx& tx);

// The rule that holds on `day`; null if none does.
const v1::Benefit::Rule* RuleOn(const v1::Benefit& benefit, absl::CivilDay day);

}  // namespace xxt::intake::benefit

#endif  // XXT_SERVICES_INTAKE_BENEFIT_BENEFIT_H_
