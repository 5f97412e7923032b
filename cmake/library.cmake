# One static library a directory of src/, and one test program from the *_test.cpp beside the code.

# matinee_library(NAME DEPENDS a b LIBRARIES fmt::fmt): every .cpp below the current directory,
# except tests and directories that are libraries of their own (EXCLUDE).
function(matinee_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  foreach(excluded IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${CMAKE_CURRENT_SOURCE_DIR}/${excluded}/")
    list(FILTER tests EXCLUDE REGEX "${CMAKE_CURRENT_SOURCE_DIR}/${excluded}/")
  endforeach()
  if(NOT sources)
    set(sources ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
  endif()
  add_library(matinee_${name} STATIC ${sources})
  target_precompile_headers(matinee_${name} REUSE_FROM matinee_pch)
  list(TRANSFORM ARG_DEPENDS PREPEND matinee_)
  target_link_libraries(matinee_${name} PUBLIC matinee_flags ${ARG_DEPENDS} ${ARG_LIBRARIES})
  if(MATINEE_TESTS AND tests)
    matinee_test(${name}_tests SOURCES ${tests} DEPENDS ${name})
  endif()
endfunction()

# matinee_test(NAME SOURCES a.cpp DEPENDS sqs client): one GoogleTest program, one ctest entry.
function(matinee_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_precompile_headers(${name} REUSE_FROM matinee_pch)
  list(TRANSFORM ARG_DEPENDS PREPEND matinee_)
  target_link_libraries(${name} PRIVATE matinee_flags ${ARG_DEPENDS} ${ARG_LIBRARIES}
    GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()
