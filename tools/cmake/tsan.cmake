# Finds data races.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE "" CACHE STRING "")
preset("-O1 -g1 -fno-omit-frame-pointer -fsanitize=thread" "-fsanitize=thread")
preset_for_tests(ON)
