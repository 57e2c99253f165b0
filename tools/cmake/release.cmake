# What is deployed: optimised, hardened, without anything made for tests, and the same wherever it is built.
include(${CMAKE_CURRENT_LIST_DIR}/presets.cmake)
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
get_filename_component(source_dir ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
preset("-g1 -ffile-prefix-map=${source_dir}=. -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong" "-pie -Wl,-z,relro,-z,now")
