#ifndef XXT_TESTS_BENCH_NEW_CASE_H_
#define XXT_TESTS_BENCH_NEW_CASE_H_

#include "xixinting/intake/v1/case.pb.h"

namespace xxt::bench {

constexpr char kHall[] = "halls/110102016";

// What somebody brings to the window, as long as such words are.
inline xixinting::intake::v1::Case NewCase() {
  namespace intake = xixinting::intake::v1;
  intake::Case input;
  input.set_title("火化证明遗失，丧葬费无法申领");
  input.set_summary("老伴走了快十年，火化证明搬家时丢了。殡仪馆电话里说不给补，我不知道还能找谁。");
  input.set_hall(kHall);
  input.set_service_item("丧葬费申领");
  input.add_difficulties(intake::Case::DIFFICULTY_PAPER_MISSING);
  intake::Party& applicant = *input.add_parties();
  applicant.set_role(intake::Party::ROLE_APPLICANT);
  applicant.set_display_name("沈玉兰");
  applicant.set_resident_id("110102194803150822");
  applicant.set_phone_number("13800138010");
  applicant.set_relationship("配偶");
  return input;
}

}  // namespace xxt::bench

#endif  // XXT_TESTS_BENCH_NEW_CASE_H_
