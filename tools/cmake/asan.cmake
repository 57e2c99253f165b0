# Finds memory errors, leaks and undefined behaviour.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE "" CACHE STRING "")
preset("-O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
       "-fsanitize=address,undefined")
preset_for_tests(ON)
