# Finds data races, in unit and storage tests: Debian's gRPC is not instrumented, so whatever passes through it looks
# like one.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE "" CACHE STRING "")
preset("-O1 -g1 -fno-omit-frame-pointer -fsanitize=thread" "-fsanitize=thread")
preset_for_tests(ON)
