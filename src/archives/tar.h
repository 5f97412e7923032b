// Archives of the POSIX kind (ustar), as `tar` reads and writes them: the heads of their files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace matinee::archives {

/// Heads and what is in files are padded with zeros to a multiple of so many bytes.
constexpr std::size_t tar_block = 512;

struct TarEntry {
  std::string name;
  std::uint64_t size = 0;
  /// Whether it is an ordinary file; what is none has no bytes of its own to be kept.
  bool is_file = true;
};

/// The head of an ordinary file, a block. The name has up to 100 bytes.
std::string tar_head(std::string_view name, std::uint64_t size);
/// What comes behind the last file.
std::string tar_end();
/// How many zeros follow behind so many bytes.
std::size_t tar_padding(std::uint64_t size);

/// Whether a block is the beginning of the end.
bool is_tar_end(std::string_view block);
/// What a head of a block says; nothing where it is damaged.
std::optional<TarEntry> read_tar_head(std::string_view block);

}  // namespace matinee::archives
