# What is deployed: optimised, hardened, without anything made for tests.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
preset("-g1 -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong" "-pie -Wl,-z,relro,-z,now")
