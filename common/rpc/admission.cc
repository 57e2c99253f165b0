#include "common/rpc/admission.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/concurrency/mutex.h"
#include "common/edge/callers.h"
#include "common/log/log.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/tls/identity.h"

namespace xxt::rpc {
namespace {

std::string MetadataOf(const grpc::ServerContextBase& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  return found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
}

std::vector<std::string> RolesOf(const std::string& method) {
  const std::string name = absl::StrReplaceAll(absl::string_view(method).substr(method.empty() ? 0 : 1), {{"/", "."}});
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  return descriptor == nullptr ? std::vector<std::string>() : edge::RolesOf(*descriptor);
}

// Roles that work across halls; operators see tasks only, and those of all. Who reaches the windows by a portal chooses
// the hall.
bool SpansHalls(absl::string_view role) {
  return role == "district" || role == "service" || role == "operator" || role == "portal";
}

identity::HallScope ScopeOf(const identity::Caller& caller, const std::vector<std::string>& allowed) {
  const bool spans = std::any_of(allowed.begin(), allowed.end(),
                                 [&](const std::string& role) { return SpansHalls(role) && caller.Has(role); });
  return spans ? identity::HallScope::All() : identity::HallScope::One(caller.hall);
}

std::string FindMethod(const google::protobuf::Descriptor* request) {
  const google::protobuf::FileDescriptor* file = request->file();
  for (int i = 0; i < file->service_count(); ++i) {
    const google::protobuf::ServiceDescriptor* service = file->service(i);
    for (int j = 0; j < service->method_count(); ++j) {
      if (service->method(j)->input_type() != request) continue;
      return absl::StrCat("/", service->full_name(), "/", service->method(j)->name());
    }
  }
  return "";
}

const std::vector<std::string>& CachedRolesOf(const std::string& method) {
  struct Cache {
    Mutex mu;
    std::unordered_map<std::string, std::vector<std::string>> roles XXT_GUARDED_BY(mu);
  };
  static Cache* const cache = new Cache();
  const MutexLock lock(cache->mu);
  const auto [found, fresh] = cache->roles.try_emplace(method);
  if (fresh) found->second = RolesOf(method);
  return found->second;  // entries are never removed or changed
}

}  // namespace

absl::StatusOr<identity::Caller> Admission::Admit(const grpc::ServerContextBase& context, const std::string& method,
                                                  absl::Time now) const {
  constexpr absl::string_view kBearer = "bearer ";  // in any case (RFC 7235, 2.1)
  const std::string header = MetadataOf(context, "authorization");
  if (!absl::StartsWithIgnoreCase(header, kBearer)) return errors::TokenInvalid("no bearer token");
  const std::string token(absl::StripAsciiWhitespace(absl::string_view(header).substr(kBearer.size())));
  XXT_ASSIGN_OR_RETURN(identity::Caller caller, verifier_.Verify(token, now));
  const bool mismatch = DropUnbrought(context, caller);
  const std::vector<std::string>& roles = CachedRolesOf(method);
  const bool allowed =
      std::any_of(roles.begin(), roles.end(), [&](const std::string& role) { return caller.Has(role); });
  if (!allowed) return mismatch ? Mismatch(context, method, caller) : errors::RoleMissing(method);
  caller.halls = ScopeOf(caller, roles);
  if (caller.halls.none()) return errors::TokenInvalid("names no hall");
  return caller;
}

bool Admission::DropUnbrought(const grpc::ServerContextBase& context, identity::Caller& caller) const {
  if (trust_domain_.empty()) return false;
  const std::string peer = tls::PeerOf(*context.auth_context(), trust_domain_);
  const auto dropped = std::remove_if(caller.roles.begin(), caller.roles.end(), [&](const std::string& role) {
    return !edge::MayBring(peer, role, caller.subject);
  });
  const bool any = dropped != caller.roles.end();
  caller.roles.erase(dropped, caller.roles.end());
  return any;
}

absl::Status Admission::Mismatch(const grpc::ServerContextBase& context, const std::string& method,
                                 const identity::Caller& caller) const {
  metrics_.CountPeerMismatch();
  log::Warning(
      "rpc.peer_mismatch",
      {{"method", method}, {"caller", caller.subject}, {"peer", tls::PeerOf(*context.auth_context(), trust_domain_)}});
  return errors::PeerMismatch();
}

const std::string& MethodOf(const google::protobuf::Descriptor* request) {
  struct Cache {
    Mutex mu;
    std::unordered_map<const google::protobuf::Descriptor*, std::string> methods XXT_GUARDED_BY(mu);
  };
  static Cache* const cache = new Cache();
  const MutexLock lock(cache->mu);
  const auto [found, fresh] = cache->methods.try_emplace(request);
  if (fresh) found->second = FindMethod(request);
  return found->second;  // entries are never removed or changed
}

trace::Span SpanOf(const grpc::ServerContextBase& context, const std::string& method) {
  const auto [begin, end] = context.client_metadata().equal_range("traceparent");
  absl::string_view parent;
  // One that came twice tells of nothing.
  if (begin != end && std::next(begin) == end) parent = {begin->second.data(), begin->second.size()};
  return {trace::Kind::kCall, absl::string_view(method).substr(method.empty() ? 0 : 1), parent};
}

void EndSpan(const trace::Span& span, const absl::Status& status) {
  const bool failed = absl::IsInternal(status) || absl::IsUnknown(status) || absl::IsUnavailable(status) ||
                      absl::IsDeadlineExceeded(status) || absl::IsDataLoss(status) || absl::IsUnimplemented(status);
  span.End(absl::StatusCodeToString(status.code()), failed);
}

}  // namespace xxt::rpc
