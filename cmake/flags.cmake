# A compiler cache, where there is one. Precompiled headers need the looser comparison.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${CCACHE})
endif()

# Warnings, sanitizers and the precompiled header that every unit of ours is built with.
add_library(matinee_flags INTERFACE)
target_include_directories(matinee_flags INTERFACE
  ${MATINEE_ROOT}/src ${CMAKE_BINARY_DIR}/generated)
target_compile_options(matinee_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
  -Woverloaded-virtual -Wimplicit-fallthrough -Wno-c99-designator
  -Wno-missing-field-initializers -Wno-missing-designated-field-initializers -Werror
  -fno-omit-frame-pointer)
# clang with ccache needs a precompiled header that carries no time stamp.
target_compile_options(matinee_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
target_compile_definitions(matinee_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_ERROR_CODE_HEADER_ONLY)
target_link_options(matinee_flags INTERFACE -fuse-ld=lld)
# All programs use the machine's glibc but those with the property MATINEE_STATIC, which use nothing
# of the machine.
set(MATINEE_SHARED $<NOT:$<BOOL:$<TARGET_PROPERTY:MATINEE_STATIC>>>)
# What users run: hardened, and without a shared library besides glibc's. bench/README.md says what
# hardening and the checks of requests cost together.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(matinee_flags INTERFACE
    -g1 -ffunction-sections -fstack-protector-strong -fstack-clash-protection -fcf-protection
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS)
  # Functions that are the same byte for byte are one, which saves half a megabyte: nothing here, nor
  # in the libraries, tells functions apart by their addresses.
  target_link_options(matinee_flags INTERFACE
    $<${MATINEE_SHARED}:-pie> -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections -Wl,--icf=all
    -Wl,-O2)
endif()
if(NOT MATINEE_SANITIZE)
  target_link_options(matinee_flags INTERFACE
    $<${MATINEE_SHARED}:-static-libstdc++> -static-libgcc -Wl,--exclude-libs,ALL)
endif()
if(MATINEE_SANITIZE)
  target_compile_options(matinee_flags INTERFACE
    -fsanitize=${MATINEE_SANITIZE} -fno-sanitize-recover=all)
  # Some forty test programs with all of the libraries in each take a disk's worth of room: without
  # relocations (four tables of addresses to each global variable that is watched), with compressed
  # tables of lines, and from archives that hold no copies, they take two thirds of it and
  # link in a third of the time. A program with the property MATINEE_RELOCATED keeps its relocations.
  target_link_options(matinee_flags INTERFACE
    -fsanitize=${MATINEE_SANITIZE} -Wl,--compress-debug-sections=zstd
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:MATINEE_RELOCATED>>>:-no-pie>)
  foreach(language C CXX)
    set(CMAKE_${language}_ARCHIVE_CREATE "<CMAKE_AR> qc --thin <TARGET> <LINK_FLAGS> <OBJECTS>")
    set(CMAKE_${language}_ARCHIVE_APPEND "<CMAKE_AR> q --thin <TARGET> <LINK_FLAGS> <OBJECTS>")
  endforeach()
endif()

set(MATINEE_PRECOMPILED
  <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <map> <memory> <optional> <set>
  <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector>
  <fmt/format.h>)
add_library(matinee_pch STATIC ${MATINEE_ROOT}/cmake/pch.cpp)
target_link_libraries(matinee_pch PUBLIC matinee_flags)
target_precompile_headers(matinee_pch PUBLIC ${MATINEE_PRECOMPILED})

# Most of what a build with sanitizers takes is optimizing what they add, and most of the time of the
# tests goes by in a few libraries. Those are HOT; all else is compiled with MATINEE_COLD, and so is
# the precompiled header that it uses.
set(MATINEE_COLD_PCH matinee_pch)
if(MATINEE_COLD)
  set(MATINEE_COLD_PCH matinee_cold_pch)
  add_library(matinee_cold_pch STATIC ${MATINEE_ROOT}/cmake/pch.cpp)
  target_link_libraries(matinee_cold_pch PUBLIC matinee_flags)
  target_compile_options(matinee_cold_pch PRIVATE ${MATINEE_COLD})
  target_precompile_headers(matinee_cold_pch PUBLIC ${MATINEE_PRECOMPILED})
endif()

# What users run is compiled for speed, but for what has all the time that it needs: libraries that
# are SMALL are compiled for size, which the program has to spare for those of which it matters.
set(MATINEE_SMALL ${MATINEE_COLD})
set(MATINEE_SMALL_PCH ${MATINEE_COLD_PCH})
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT MATINEE_COLD)
  set(MATINEE_SMALL -Os)
  set(MATINEE_SMALL_PCH matinee_small_pch)
  add_library(matinee_small_pch STATIC ${MATINEE_ROOT}/cmake/pch.cpp)
  target_link_libraries(matinee_small_pch PUBLIC matinee_flags)
  target_compile_options(matinee_small_pch PRIVATE ${MATINEE_SMALL})
  target_precompile_headers(matinee_small_pch PUBLIC ${MATINEE_PRECOMPILED})
endif()

# matinee_cold(TARGET): for what has no headers to precompile but everybody's.
function(matinee_cold target)
  target_compile_options(${target} PRIVATE ${MATINEE_COLD})
  target_precompile_headers(${target} REUSE_FROM ${MATINEE_COLD_PCH})
endfunction()
