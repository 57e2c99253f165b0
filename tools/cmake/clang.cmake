# The second compiler: proves the locking annotations (-Wthread-safety) and feeds clang-tidy.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_C_COMPILER clang CACHE STRING "")
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE "" CACHE STRING "")
preset("-O1 -g1" "")
preset_for_tests(OFF)
