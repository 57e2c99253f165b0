# Feeds readers of outside bytes with what no test would think of: clang's libFuzzer, with its sanitizers.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE "" CACHE STRING "")
set(XXT_FUZZ ON CACHE BOOL "")
preset("-O1 -g1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
       "-fsanitize=address,undefined")
preset_for_tests(OFF)
