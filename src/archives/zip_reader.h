// What a zip archive holds, by Debian's minizip: the packages of functions and layers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::archives {

struct ZipEntry {
  std::string name;  // as the archive has it, with slashes; a folder's ends with one
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // of Unix, with the kind of file; 0 where the archive does not say
};

/// The bytes of an entry; nothing where they cannot be read, are encrypted, or are not as many as
/// the list says.
using ZipContent = std::function<std::optional<std::string>()>;
/// Whether to go on.
using ZipVisitor = std::function<bool(const ZipEntry& entry, const ZipContent& content)>;

/// Visits each entry in the order of the archive's list. False where that is no archive, or its
/// list is damaged.
bool visit_zip(std::string_view bytes, const ZipVisitor& visit);

/// The size of all entries, unpacked, as the list has it; nothing where that is no archive.
std::optional<std::uint64_t> unzipped_size(std::string_view bytes);

}  // namespace matinee::archives
