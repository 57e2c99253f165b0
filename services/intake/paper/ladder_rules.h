#ifndef XXT_SERVICES_INTAKE_PAPER_LADDER_RULES_H_
#define XXT_SERVICES_INTAKE_PAPER_LADDER_RULES_H_

#include <vector>

namespace xxt::intake {

// The legal ladder (business-environment regulation, art. 44): the grounds on which a paper may not be asked for,
// numbered from 1 as the proto numbers them.
inline constexpr int kGrounds = 7;

// A verdict on a ground.
struct Weighed {
  int ground = 0;
  bool spares = false;
};

// The grounds that nobody has excluded, in their order: without a verdict, or whose newest says that it spares the
// paper. `verdicts` are in the order of writing.
std::vector<int> OpenGrounds(const std::vector<Weighed>& verdicts);

}  // namespace xxt::intake

#endif  // XXT_SERVICES_INTAKE_PAPER_LADDER_RULES_H_
