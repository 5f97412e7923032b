# Debian's packages, by their own names. tools/install-packages.sh installs them.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(pugixml REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)

# RocksDB is linked statically; Debian's CMake package names only the shared library.
add_library(rocksdb_static INTERFACE)
target_link_libraries(rocksdb_static INTERFACE
  /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/librocksdb.a
  snappy lz4 zstd bz2 z gflags Threads::Threads ${CMAKE_DL_LIBS})

if(MATINEE_TESTS)
  find_package(GTest REQUIRED)
  enable_testing()
endif()
