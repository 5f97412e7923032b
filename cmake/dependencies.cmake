# Debian's packages, by their own names. tools/install-packages.sh installs them. Everything but glibc
# is linked statically, so that the program runs on other distributions than the one it was built
# on; tests/structure holds the program against that. libcurl, which only calls to other clouds
# need, is loaded when the first of them is made.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(CLI11 REQUIRED)

# matinee_archive(NAME a b): Debian's libNAME.a, with what it needs itself.
function(matinee_archive name)
  add_library(archive_${name} INTERFACE)
  target_link_libraries(archive_${name} INTERFACE
    /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/lib${name}.a ${ARGN})
endfunction()
foreach(name snappy lz4 zstd bz2 z gflags pugixml yaml)
  matinee_archive(${name})
endforeach()
matinee_archive(minizip archive_z)
matinee_archive(rocksdb archive_snappy archive_lz4 archive_zstd archive_bz2 archive_z archive_gflags
  Threads::Threads ${CMAKE_DL_LIBS})

# Of these Debian has shared libraries only; tools/fetch-sources.sh brings the sources that belong to
# the installed headers.
set(MATINEE_SOURCES ${MATINEE_ROOT}/build/sources)
if(NOT EXISTS ${MATINEE_SOURCES}/spdlog)
  message(FATAL_ERROR "Run tools/fetch-sources.sh first; tools/build.sh does.")
endif()
add_library(matinee_simdjson STATIC ${MATINEE_SOURCES}/simdjson/singleheader/simdjson.cpp)
# simdjson gives its parsers another form in units that are not optimized, and one program has both
# where the sanitizers look: what one of them allocates the other would not free.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(matinee_simdjson PUBLIC SIMDJSON_DEVELOPMENT_CHECKS=0)
endif()
add_library(matinee_fmt STATIC ${MATINEE_SOURCES}/fmtlib/src/format.cc)
set(spdlog_sources spdlog;async;color_sinks;file_sinks;stdout_sinks)
list(TRANSFORM spdlog_sources
  REPLACE "(.+)" "${MATINEE_SOURCES}/spdlog/src/\\1.cpp")
add_library(matinee_spdlog STATIC ${spdlog_sources})
target_compile_options(matinee_spdlog PRIVATE ${MATINEE_COLD})
target_compile_definitions(matinee_spdlog PUBLIC SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
target_link_libraries(matinee_spdlog PUBLIC matinee_fmt)
add_library(simdjson::simdjson ALIAS matinee_simdjson)
add_library(fmt::fmt ALIAS matinee_fmt)
add_library(spdlog::spdlog ALIAS matinee_spdlog)

if(MATINEE_TESTS)
  find_package(GTest REQUIRED)
  enable_testing()
endif()
