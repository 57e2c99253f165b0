// xxt-referral: asks outside bodies, and chases their answers.

#include "common/service/main.h"

#include "services/referral/assembly.h"
#include "services/referral/config.h"

int main(int argc, char** argv) {
  return xxt::service::Main<xxt::referral::Config, xxt::referral::Assembly>(argc, argv, "referral");
}
