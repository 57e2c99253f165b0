#ifndef XXT_TESTS_CONTRACT_EXAMPLES_H_
#define XXT_TESTS_CONTRACT_EXAMPLES_H_

#include <vector>

#include "tests/contract/every_rpc.h"

namespace xxt::contract {

// The RPCs of the service under test, as tests/examples/<service>.yaml calls
// them, each as where it does so first. For a request these steps of the file
// are played before, against the service and who stands around it:
//   - the calls that save a variable which the request, or a step that is played,
//     names: the last of them before it
//   - what is no call (the clock, the simulated outside) with the call behind it,
//     but for what the file begins with: worlds begin on a working day, too
// So each request is about things of its own, if the example names them.
const std::vector<Rpc>& Examples();

// Of those, the ones that answer once, and the streams.
std::vector<Rpc> Unary();
std::vector<Rpc> Streams();

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_EXAMPLES_H_
