# What all presets have in common. Used by the other files here, which are initial caches: cmake -C tools/cmake/dev.cmake

find_program(XXT_CCACHE ccache)
if(XXT_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${XXT_CCACHE} CACHE STRING "")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${XXT_CCACHE} CACHE STRING "")
endif()

# preset(flags for the compiler, flags for the linker)
macro(preset compile link)
  set(CMAKE_CXX_FLAGS "${compile}" CACHE STRING "")
  set(CMAKE_C_FLAGS "${compile}" CACHE STRING "")
  set(CMAKE_EXE_LINKER_FLAGS "-fuse-ld=lld ${link}" CACHE STRING "")
endmacro()

# What only test builds may contain: crash points and a clock that tests can move.
macro(preset_for_tests fault)
  set(XXT_FAULT ${fault} CACHE BOOL "" FORCE)
  set(XXT_TEST_CLOCK ON CACHE BOOL "" FORCE)
endmacro()
