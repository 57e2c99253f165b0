# What all presets have in common. Used by the other files here, which are initial caches: cmake -C tools/cmake/dev.cmake

# One compiler for all: it takes half of g++'s time for a source with its precompiled header, proves the locking annotations,
# and brings the fuzzer (docs/decisions/0031).
set(CMAKE_C_COMPILER clang CACHE STRING "")
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")

find_program(XXT_CCACHE ccache)
if(XXT_CCACHE)
  # Finds an object by the content of all that its file includes, without running the preprocessor. Precompiled headers
  # are never taken from the cache (that would need pch_defines); what was compiled with one is found by its content.
  set(launcher env CCACHE_DEPEND=1 CCACHE_INODECACHE=1 CCACHE_SLOPPINESS=time_macros ${XXT_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher} CACHE STRING "")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher} CACHE STRING "")
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
