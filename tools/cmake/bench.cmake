# A release that may do without TLS on this machine, as tests may: by it tools/bench --only costs says what TLS costs a
# service. A release itself has no such key.
include(${CMAKE_CURRENT_LIST_DIR}/release.cmake)
preset_for_tests(OFF)
