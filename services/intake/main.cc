// xxt-intake: the case list of the listening windows.

#include "common/service/main.h"

#include "services/intake/assembly.h"
#include "services/intake/config.h"

int main(int argc, char** argv) {
  return xxt::service::Main<xxt::intake::Config, xxt::intake::Assembly>(argc, argv, "intake");
}
