# Without precompiled headers: every file, of tests too, includes what it uses.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE "" CACHE STRING "")
preset("-O1 -g1" "")
set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON CACHE BOOL "")
preset_for_tests(OFF)
