# The everyday build: quick to compile, with crash points and a clock that tests can move.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE "" CACHE STRING "")
preset("-O0 -g1" "")
preset_for_tests(ON)
