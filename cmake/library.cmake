# One static library a directory of src/, and one test program from the *_test.cpp beside the code.

# Tests see GoogleTest in theirs.
if(MATINEE_TESTS)
  set(MATINEE_PRECOMPILED_FOR_TESTS <gtest/gtest.h> <gmock/gmock.h>)
  add_library(matinee_test_pch STATIC ${MATINEE_ROOT}/cmake/pch.cpp)
  target_compile_options(matinee_test_pch PRIVATE ${MATINEE_COLD})
  target_link_libraries(matinee_test_pch PUBLIC matinee_flags GTest::gmock)
  target_precompile_headers(matinee_test_pch PUBLIC
    ${MATINEE_PRECOMPILED} ${MATINEE_PRECOMPILED_FOR_TESTS})
endif()

# matinee_precompile(TARGET BASE header.h...): the precompiled header of BASE, or where headers are
# named one of its own that holds these as well.
function(matinee_precompile target base)
  if(NOT ARGN)
    target_precompile_headers(${target} REUSE_FROM ${base})
    return()
  endif()
  list(TRANSFORM ARGN REPLACE "(.+)" "\"\\1\"")
  target_precompile_headers(${target} PRIVATE ${MATINEE_PRECOMPILED} ${ARGN})
  if(base STREQUAL matinee_test_pch)
    target_precompile_headers(${target} PRIVATE ${MATINEE_PRECOMPILED_FOR_TESTS})
  endif()
endfunction()

# matinee_library(NAME DEPENDS a b LIBRARIES fmt::fmt): every .cpp below the current directory,
# except tests and directories that are libraries of their own (EXCLUDE). Headers that nearly every
# unit of it includes and that take long to parse, as generated ones do, are PRECOMPILED for it.
# A library is HOT if its tests, or those of others, become much slower without optimization, and
# SMALL if nobody waits for what it does (`flags.cmake`).
function(matinee_library name)
  cmake_parse_arguments(ARG "HOT;SMALL" "" "DEPENDS;LIBRARIES;EXCLUDE;PRECOMPILED" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  foreach(excluded IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${CMAKE_CURRENT_SOURCE_DIR}/${excluded}/")
    list(FILTER tests EXCLUDE REGEX "${CMAKE_CURRENT_SOURCE_DIR}/${excluded}/")
  endforeach()
  if(NOT sources)
    set(sources ${MATINEE_ROOT}/cmake/pch.cpp)
  endif()
  add_library(matinee_${name} STATIC ${sources})
  if(ARG_HOT)
    matinee_precompile(matinee_${name} matinee_pch ${ARG_PRECOMPILED})
  elseif(ARG_SMALL)
    target_compile_options(matinee_${name} PRIVATE ${MATINEE_SMALL})
    matinee_precompile(matinee_${name} ${MATINEE_SMALL_PCH} ${ARG_PRECOMPILED})
  else()
    target_compile_options(matinee_${name} PRIVATE ${MATINEE_COLD})
    matinee_precompile(matinee_${name} ${MATINEE_COLD_PCH} ${ARG_PRECOMPILED})
  endif()
  list(TRANSFORM ARG_DEPENDS PREPEND matinee_)
  target_link_libraries(matinee_${name} PUBLIC matinee_flags ${ARG_DEPENDS} ${ARG_LIBRARIES})
  if(MATINEE_TESTS AND tests)
    matinee_test(${name}_tests SOURCES ${tests} DEPENDS ${name}
      PRECOMPILED ${ARG_PRECOMPILED})
  endif()
endfunction()

# matinee_test(NAME SOURCES a.cpp DEPENDS sqs client): one GoogleTest program, one ctest entry. One
# that is HOT has PRECOMPILED headers of its own.
function(matinee_test name)
  cmake_parse_arguments(ARG "HOT" "" "SOURCES;DEPENDS;LIBRARIES;PRECOMPILED" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  if(NOT ARG_HOT)
    target_compile_options(${name} PRIVATE ${MATINEE_COLD})
  endif()
  matinee_precompile(${name} matinee_test_pch ${ARG_PRECOMPILED})
  list(TRANSFORM ARG_DEPENDS PREPEND matinee_)
  target_link_libraries(${name} PRIVATE matinee_flags ${ARG_DEPENDS} ${ARG_LIBRARIES}
    GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()
