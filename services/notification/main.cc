// xxt-notification: messages that arrive, or become a call by a person.

#include "common/service/main.h"

#include "services/notification/assembly.h"
#include "services/notification/config.h"

int main(int argc, char** argv) {
  return xxt::service::Main<xxt::notification::Config, xxt::notification::Assembly>(argc, argv, "notification");
}
