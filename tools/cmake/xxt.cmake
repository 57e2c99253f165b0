# The kinds of target in this project. Include paths start at the root.

set(XXT_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wthread-safety -Werror)

function(xxt_target name)
  target_compile_options(${name} PRIVATE ${XXT_WARNINGS})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  if(XXT_FAULT)
    target_compile_definitions(${name} PRIVATE XXT_FAULT)
  endif()
  if(XXT_TEST_CLOCK)
    target_compile_definitions(${name} PRIVATE XXT_TEST_CLOCK)
  endif()
endfunction()

include(${CMAKE_CURRENT_LIST_DIR}/precompiled.cmake)

# xxt_library(NAME common_clock SRCS clock.cc DEPS absl::time)
function(xxt_library)
  cmake_parse_arguments(ARG "" NAME "SRCS;DEPS" ${ARGN})
  add_library(${ARG_NAME} STATIC ${ARG_SRCS})
  xxt_target(${ARG_NAME})
  target_link_libraries(${ARG_NAME} PUBLIC ${ARG_DEPS})
  if("${ARG_DEPS}" MATCHES "GTest::")
    target_precompile_headers(${ARG_NAME} REUSE_FROM xxt_precompiled_tests)
  else()
    target_precompile_headers(${ARG_NAME} REUSE_FROM xxt_precompiled_sources)
  endif()
endfunction()

# xxt_binary(NAME xxt-intake SRCS main.cc DEPS intake_api)
function(xxt_binary)
  cmake_parse_arguments(ARG "" NAME "SRCS;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  xxt_target(${ARG_NAME})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS})
  target_precompile_headers(${ARG_NAME} REUSE_FROM xxt_precompiled_sources)
endfunction()

# xxt_test(NAME clock_test SRCS clock_test.cc DEPS common_clock LABELS unit)
# Labels: unit needs nothing installed; storage and contract need the test
# stores, which the fixture "stores" starts and stops.
function(xxt_test)
  cmake_parse_arguments(ARG "" NAME "SRCS;DEPS;LABELS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  xxt_target(${ARG_NAME})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} GTest::gmock_main)
  target_precompile_headers(${ARG_NAME} REUSE_FROM xxt_precompiled_tests)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
  if(NOT "unit" IN_LIST ARG_LABELS)
    set_tests_properties(
      ${ARG_NAME} PROPERTIES FIXTURES_REQUIRED stores ENVIRONMENT
                             "XXT_TEST_STORES=${PROJECT_BINARY_DIR}/test-stores/env.json")
  endif()
endfunction()

# xxt_test_objects(NAME contract_drain SRCS drain_test.cc DEPS intake_assembly): tests of several programs, compiled once.
# A program names them among its sources, as $<TARGET_OBJECTS:contract_drain>, and runs them before its own.
function(xxt_test_objects)
  cmake_parse_arguments(ARG "" NAME "SRCS;DEPS" ${ARGN})
  add_library(${ARG_NAME} OBJECT ${ARG_SRCS})
  xxt_target(${ARG_NAME})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} GTest::gmock)
  target_precompile_headers(${ARG_NAME} REUSE_FROM xxt_precompiled_tests)
endfunction()

# xxt_link_all(access_check intake_protos …): links every file of these libraries into the program, whether anything
# names it or not. Descriptors are only found in what is linked.
function(xxt_link_all name)
  target_link_libraries(${name} PRIVATE ${ARGN})
  foreach(library ${ARGN})
    target_link_options(${name} PRIVATE "LINKER:--whole-archive,$<TARGET_FILE:${library}>,--no-whole-archive")
  endforeach()
endfunction()

# xxt_protos(NAME intake_protos ROOT <folder> DIR xixinting/intake/v1 FILES a.proto DEPS common_protos)
# Generates messages, and stubs of what has a service, under <build>/gen. FILES are names in DIR, which is in ROOT; the
# library's property XXT_PROTOS has their paths.
function(xxt_protos)
  cmake_parse_arguments(ARG "" "NAME;ROOT;DIR" "FILES;DEPS" ${ARGN})
  set(gen ${PROJECT_BINARY_DIR}/gen)
  file(MAKE_DIRECTORY ${gen})
  set(sources)
  set(protos)
  set(roots ${PROJECT_SOURCE_DIR}/protos ${XXT_GOOGLE_PROTOS} ${ARG_ROOT})
  list(REMOVE_DUPLICATES roots)
  list(TRANSFORM roots PREPEND -I)
  foreach(file ${ARG_FILES})
    string(REGEX REPLACE "\\.proto$" "" stem ${ARG_DIR}/${file})
    set(outputs ${gen}/${stem}.pb.cc ${gen}/${stem}.pb.h)
    set(flags --cpp_out=${gen})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_ROOT}/${stem}.proto)
    file(STRINGS ${ARG_ROOT}/${stem}.proto services REGEX "^service ")
    if(services)
      list(APPEND outputs ${gen}/${stem}.grpc.pb.cc ${gen}/${stem}.grpc.pb.h)
      list(APPEND flags --grpc_out=${gen} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
    endif()
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND protobuf::protoc ${roots} ${flags} ${ARG_ROOT}/${stem}.proto
      DEPENDS ${ARG_ROOT}/${stem}.proto
      VERBATIM)
    list(APPEND sources ${outputs})
    list(APPEND protos ${ARG_ROOT}/${stem}.proto)
  endforeach()
  add_library(${ARG_NAME} STATIC ${sources})
  set_target_properties(${ARG_NAME} PROPERTIES XXT_PROTOS "${protos}")
  target_include_directories(${ARG_NAME} SYSTEM PUBLIC ${gen})
  target_link_libraries(${ARG_NAME} PUBLIC gRPC::grpc++ protobuf::libprotobuf ${ARG_DEPS})
  target_precompile_headers(${ARG_NAME} REUSE_FROM xxt_precompiled_generated)
endfunction()
