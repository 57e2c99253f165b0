# Precompiled headers: what the compiler reads once instead of in every file. There is one for each way in which the
# project is compiled, as the compiler takes one only under the flags it was made with: for generated code, for libraries and
# programs, for tests. They hold headers of the system only, so no change of ours makes them anew.
#
# A file includes what it uses all the same: clang-tidy and the preset "plain" read it without them.

# Some libraries ask this of whoever uses them. Here everything is compiled so, or the headers would not fit it.
add_compile_options(-pthread -D_FILE_OFFSET_BITS=64 -D_LARGEFILE64_SOURCE)

set(XXT_PRECOMPILED_STANDARD
    <algorithm> <array> <atomic> <chrono> <condition_variable> <cstddef> <cstdint> <cstdio> <cstdlib> <deque> <fstream>
    <functional> <initializer_list> <iostream> <iterator> <limits> <map> <memory> <mutex> <optional> <set> <sstream>
    <stdexcept> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)
set(XXT_PRECOMPILED_ABSL
    <absl/container/flat_hash_map.h> <absl/functional/any_invocable.h> <absl/functional/function_ref.h>
    <absl/status/status.h> <absl/status/statusor.h> <absl/strings/ascii.h> <absl/strings/escaping.h>
    <absl/strings/match.h> <absl/strings/numbers.h> <absl/strings/str_cat.h> <absl/strings/str_format.h>
    <absl/strings/str_join.h> <absl/strings/str_replace.h> <absl/strings/str_split.h>
    <absl/strings/string_view.h> <absl/strings/strip.h> <absl/time/civil_time.h> <absl/time/clock.h>
    <absl/time/time.h> <absl/types/span.h>)
# What generated headers include, and what their users include beside them.
set(XXT_PRECOMPILED_PROTOBUF
    <google/protobuf/arena.h> <google/protobuf/arenastring.h> <google/protobuf/descriptor.h>
    <google/protobuf/descriptor.pb.h> <google/protobuf/extension_set.h>
    <google/protobuf/generated_enum_reflection.h> <google/protobuf/generated_message_reflection.h>
    <google/protobuf/generated_message_util.h> <google/protobuf/io/coded_stream.h> <google/protobuf/map.h>
    <google/protobuf/map_entry.h> <google/protobuf/map_field_inl.h> <google/protobuf/message.h>
    <google/protobuf/metadata_lite.h> <google/protobuf/repeated_field.h> <google/protobuf/timestamp.pb.h>
    <google/protobuf/unknown_field_set.h>)
set(XXT_PRECOMPILED_GRPC
    <grpcpp/client_context.h> <grpcpp/completion_queue.h> <grpcpp/generic/async_generic_service.h>
    <grpcpp/impl/channel_interface.h> <grpcpp/impl/client_unary_call.h> <grpcpp/impl/codegen/proto_utils.h>
    <grpcpp/impl/codegen/server_callback_handlers.h> <grpcpp/impl/codegen/status.h> <grpcpp/impl/rpc_method.h>
    <grpcpp/impl/rpc_service_method.h> <grpcpp/impl/service_type.h> <grpcpp/server_context.h>
    <grpcpp/support/async_stream.h> <grpcpp/support/async_unary_call.h> <grpcpp/support/client_callback.h>
    <grpcpp/support/message_allocator.h> <grpcpp/support/method_handler.h> <grpcpp/support/server_callback.h>
    <grpcpp/support/stub_options.h> <grpcpp/support/sync_stream.h>)

# xxt_precompiled_header(xxt_precompiled_tests <vector> …): what the target, made for this alone, lends to others.
function(xxt_precompiled_header name)
  set(source ${PROJECT_BINARY_DIR}/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Nothing: a target must have a source.\n")
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${source})
  target_link_libraries(${name} PRIVATE gRPC::grpc++ protobuf::libprotobuf)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

xxt_precompiled_header(
  xxt_precompiled_generated
  <algorithm> <functional> <limits> <string> <google/protobuf/reflection_ops.h> <google/protobuf/wire_format.h>
  <google/protobuf/wire_format_lite.h> ${XXT_PRECOMPILED_PROTOBUF} ${XXT_PRECOMPILED_GRPC})

set(sources_include ${XXT_PRECOMPILED_STANDARD} ${XXT_PRECOMPILED_ABSL} ${XXT_PRECOMPILED_PROTOBUF}
                    ${XXT_PRECOMPILED_GRPC} <grpcpp/grpcpp.h> <nlohmann/json.hpp>)
xxt_precompiled_header(xxt_precompiled_sources ${sources_include})
xxt_target(xxt_precompiled_sources)

xxt_precompiled_header(
  xxt_precompiled_tests ${sources_include} <filesystem> <gmock/gmock.h> <google/protobuf/text_format.h>
  <google/protobuf/util/message_differencer.h> <gtest/gtest.h>)
xxt_target(xxt_precompiled_tests)
target_link_libraries(xxt_precompiled_tests PRIVATE GTest::gmock)
unset(sources_include)
