#include "archives/zip_writer.h"

#include <gmock/gmock.h>

#include "archives/zip_reader.h"

namespace matinee::archives {
namespace {

using testing::ElementsAre;

std::string archive() {
  ZipWriter zip;
  zip.add("bootstrap", "#!/bin/sh\n", true);
  zip.add("filme/Amélie.txt", "", false);
  return zip.finish();
}

TEST(ZipWriter, packs_names_modes_and_contents) {
  std::vector<std::string> told;
  EXPECT_TRUE(visit_zip(archive(), [&](const ZipEntry& entry, const ZipContent& content) {
    told.push_back(entry.name + "|" + std::to_string(entry.mode) + "|" + content().value_or("-"));
    return true;
  }));
  EXPECT_THAT(told, ElementsAre("bootstrap|33261|#!/bin/sh\n", "filme/Amélie.txt|33188|"));
}

TEST(ZipWriter, gives_the_same_bytes_for_the_same_files) {
  const std::string once = archive();
  EXPECT_EQ(once, archive());
  // The time of an entry stands after its method: midnight, and the first day that there is.
  EXPECT_EQ(once.substr(10, 4), std::string("\0\0\x21\0", 4));
}

TEST(ZipWriter, makes_of_nothing_an_archive_that_is_no_package) {
  const std::string nothing = ZipWriter().finish();
  EXPECT_TRUE(nothing.starts_with("PK"));
  EXPECT_EQ(unzipped_size(nothing), std::nullopt);
}

TEST(ZipWriter, makes_large_files_small) {
  ZipWriter zip;
  zip.add("long", std::string(std::size_t{20} << 20, 'x'), false);
  const std::string bytes = zip.finish();
  EXPECT_LT(bytes.size(), 100'000U);
  EXPECT_EQ(unzipped_size(bytes), std::uint64_t{20} << 20);
}

}  // namespace
}  // namespace matinee::archives
