#include "archives/zip_reader.h"

#include <gmock/gmock.h>
#include <minizip/zip.h>

#include <filesystem>
#include <fstream>

namespace matinee::archives {
namespace {

using testing::ElementsAre;
using testing::Optional;

/// An archive of entries with their modes, made by minizip.
std::string archive_of(const std::vector<std::tuple<std::string, std::string, unsigned>>& files) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / "zip_reader_test.zip";
  std::filesystem::remove(path);
  const zipFile zip = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
  constexpr uLong made_by_unix = 3 << 8 | 30;
  for (const auto& [name, content, mode] : files) {
    zip_fileinfo info{};
    info.external_fa = static_cast<uLong>(mode) << 16;
    zipOpenNewFileInZip4(zip, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED, 6,
                         0, -MAX_WBITS, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY, nullptr, 0, made_by_unix,
                         0);
    zipWriteInFileInZip(zip, content.data(), static_cast<unsigned>(content.size()));
    zipCloseFileInZip(zip);
  }
  zipClose(zip, nullptr);
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(ZipReader, gives_names_modes_and_contents_in_order) {
  const std::string zip = archive_of(
      {{"bootstrap", "#!/bin/sh\n", 0100755}, {"lib/", "", 040755}, {"lib/a", "", 0100644}});
  std::vector<std::string> told;
  EXPECT_TRUE(visit_zip(zip, [&](const ZipEntry& entry, const ZipContent& content) {
    told.push_back(entry.name + "|" + std::to_string(entry.mode & 0777U) + "|" +
                   content().value_or("-"));
    return true;
  }));
  EXPECT_THAT(told, ElementsAre("bootstrap|493|#!/bin/sh\n", "lib/|493|", "lib/a|420|"));
  EXPECT_THAT(unzipped_size(zip), Optional(10));
}

TEST(ZipReader, refuses_what_is_no_archive) {
  EXPECT_EQ(unzipped_size(""), std::nullopt);
  EXPECT_EQ(unzipped_size("no archive at all, and long enough to be looked through"), std::nullopt);
}

TEST(ZipReader, refuses_a_damaged_list) {
  std::string zip = archive_of({{"a", "one", 0100644}, {"b", "two", 0100644}});
  const std::size_t list = zip.rfind("PK\x01\x02");
  zip[list] = 'X';
  EXPECT_EQ(unzipped_size(zip), std::nullopt);
}

TEST(ZipReader, gives_no_content_that_does_not_fit_its_check_sum) {
  std::string zip = archive_of({{"a", std::string(1000, 'x'), 0100644}});
  const std::size_t data = zip.find("a") + 1;
  zip[data + 4] = static_cast<char>(~zip[data + 4]);
  EXPECT_TRUE(visit_zip(zip, [](const ZipEntry&, const ZipContent& content) {
    EXPECT_EQ(content(), std::nullopt);
    return true;
  }));
}

}  // namespace
}  // namespace matinee::archives
