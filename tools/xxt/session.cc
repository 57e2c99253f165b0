#include "tools/xxt/session.h"

#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "tools/xxt/clock_call.h"

namespace xxt::cli {

absl::StatusOr<const Context*> Session::context() {
  if (context_ == nullptr) {
    if (settings_.context_file.empty()) {
      return errors::InBothLanguages(
          absl::StatusCode::kInvalidArgument,
          "没有指定连接哪个实例：请用 --context 文件 或 XXT_CONTEXT（tools/dev up 会给出位置）",
          "no context: name it with --context FILE or XXT_CONTEXT (tools/dev up prints where it is)");
    }
    XXT_ASSIGN_OR_RETURN(Context context, Context::Load(settings_.context_file));
    context_ = std::make_unique<Context>(std::move(context));
  }
  return context_.get();
}

absl::StatusOr<Rpc*> Session::rpc() {
  if (rpc_ == nullptr) {
    XXT_ASSIGN_OR_RETURN(const Context* context, this->context());
    rpc_ = std::make_unique<Rpc>(*context);
  }
  return rpc_.get();
}

CallOptions Session::OptionsFor(const std::string& service, const std::string& as) const {
  return {service, as.empty() ? settings_.as : as, settings_.timeout, settings_.repeat_for};
}

absl::Time Session::BusinessNow() {
  const absl::StatusOr<absl::Time> now = AdvanceClock(*this, absl::ZeroDuration());
  return now.ok() ? *now : absl::Now();
}

void PrintFailure(const absl::Status& status, const Settings& settings) {
  if (settings.format == Format::kJson) {
    std::string text;
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    if (google::protobuf::util::MessageToJsonString(ToRpcStatus(WithReason(status)), &text, options).ok()) {
      std::cerr << text;
      return;
    }
  }
  std::cerr << Describe(status, settings.style.language);
}

}  // namespace xxt::cli
