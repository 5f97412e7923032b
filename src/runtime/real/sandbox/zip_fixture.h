// Zip archives for tests, sound and unsound ones.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace matinee::runtime {

struct TestEntry {
  std::string name;
  std::string content;
  std::uint32_t mode = 0100644;                 // of Unix; 0 as from elsewhere
  std::optional<std::uint32_t> said_size = {};  // where that is a lie
};

/// Stored, not compressed.
inline std::string make_zip(const std::vector<TestEntry>& entries) {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
    return text;
  };
  std::string files;
  std::string list;
  for (const TestEntry& entry : entries) {
    const auto checksum = ::crc32(0, reinterpret_cast<const Bytef*>(entry.content.data()),
                                  static_cast<uInt>(entry.content.size()));
    const std::string common = number(20, 2) + number(0, 2) + number(0, 2) + number(0, 4) +
                               number(checksum, 4) + number(entry.content.size(), 4) +
                               number(entry.said_size.value_or(entry.content.size()), 4) +
                               number(entry.name.size(), 2) + number(0, 2);
    const std::uint64_t host = entry.mode == 0 ? 0 : 3;
    list += "PK\1\2" + number(host << 8 | 20, 2) + common + number(0, 2) + number(0, 2) +
            number(0, 2) + number(std::uint64_t{entry.mode} << 16, 4) + number(files.size(), 4) +
            entry.name;
    files += "PK\3\4" + common + entry.name + entry.content;
  }
  return files + list + "PK\5\6" + number(0, 4) + number(entries.size(), 2) +
         number(entries.size(), 2) + number(list.size(), 4) + number(files.size(), 4) +
         number(0, 2);
}

}  // namespace matinee::runtime
