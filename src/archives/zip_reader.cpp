#include "archives/zip_reader.h"

#include <minizip/unzip.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace matinee::archives {

namespace {

/// The archive as a file that minizip reads; it lies in memory.
struct MemoryFile {
  std::string_view bytes;
  std::size_t position = 0;
};

zlib_filefunc64_def functions_on(MemoryFile& file) {
  zlib_filefunc64_def functions{};
  functions.opaque = &file;
  functions.zopen64_file = [](voidpf opaque, const void*, int) -> voidpf { return opaque; };
  functions.zread_file = [](voidpf, voidpf stream, void* target, uLong size) -> uLong {
    auto& from = *static_cast<MemoryFile*>(stream);
    const std::size_t count = std::min<std::size_t>(size, from.bytes.size() - from.position);
    std::memcpy(target, from.bytes.data() + from.position, count);
    from.position += count;
    return count;
  };
  functions.zwrite_file = [](voidpf, voidpf, const void*, uLong) -> uLong { return 0; };
  functions.ztell64_file = [](voidpf, voidpf stream) -> ZPOS64_T {
    return static_cast<MemoryFile*>(stream)->position;
  };
  functions.zseek64_file = [](voidpf, voidpf stream, ZPOS64_T offset, int origin) -> long {
    auto& in = *static_cast<MemoryFile*>(stream);
    std::uint64_t start = 0;
    if (origin == ZLIB_FILEFUNC_SEEK_CUR) start = in.position;
    if (origin == ZLIB_FILEFUNC_SEEK_END) start = in.bytes.size();
    if (offset > in.bytes.size() - start) return -1;
    in.position = start + offset;
    return 0;
  };
  functions.zclose_file = [](voidpf, voidpf) { return 0; };
  functions.zerror_file = [](voidpf, voidpf) { return 0; };
  return functions;
}

struct Closer {
  void operator()(void* archive) const { unzClose(archive); }
};
using Archive = std::unique_ptr<void, Closer>;

std::optional<ZipEntry> entry_at(unzFile archive) {
  unz_file_info64 info{};
  if (unzGetCurrentFileInfo64(archive, &info, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK)
    return std::nullopt;
  ZipEntry entry{.name = std::string(info.size_filename, '\0'), .size = info.uncompressed_size};
  if (unzGetCurrentFileInfo64(archive, &info, entry.name.data(), entry.name.size(), nullptr, 0,
                              nullptr, 0) != UNZ_OK)
    return std::nullopt;
  constexpr int unix_host = 3;
  constexpr int host_bits = 8;
  constexpr int mode_bits = 16;
  if (info.version >> host_bits == unix_host)
    entry.mode = static_cast<std::uint32_t>(info.external_fa >> mode_bits);
  return entry;
}

std::optional<std::string> content_at(unzFile archive, std::uint64_t size) {
  if (unzOpenCurrentFile(archive) != UNZ_OK) return std::nullopt;
  std::string content;
  bool is_whole = true;
  // Room is made for what comes, not for what the list promises.
  constexpr std::size_t piece = std::size_t{1} << 20;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(std::min<std::uint64_t>(size, before + piece) + 1);
    const int count = unzReadCurrentFile(archive, content.data() + before,
                                         static_cast<unsigned>(content.size() - before));
    content.resize(before + static_cast<std::size_t>(std::max(count, 0)));
    if (count < 0 || content.size() > size) is_whole = false;
    if (count <= 0 || !is_whole) break;
  }
  // Closing tells of a wrong check sum.
  if (unzCloseCurrentFile(archive) != UNZ_OK || content.size() != size) is_whole = false;
  if (!is_whole) return std::nullopt;
  return content;
}

}  // namespace

bool visit_zip(std::string_view bytes, const ZipVisitor& visit) {
  MemoryFile file{.bytes = bytes};
  zlib_filefunc64_def functions = functions_on(file);
  const Archive archive(unzOpen2_64("", &functions));
  if (!archive) return false;
  unz_global_info64 info{};
  if (unzGetGlobalInfo64(archive.get(), &info) != UNZ_OK) return false;
  if (info.number_entry == 0) return true;
  int step = unzGoToFirstFile(archive.get());
  for (; step == UNZ_OK; step = unzGoToNextFile(archive.get())) {
    const std::optional<ZipEntry> entry = entry_at(archive.get());
    if (!entry) return false;
    if (!visit(*entry, [&] { return content_at(archive.get(), entry->size); })) return true;
  }
  return step == UNZ_END_OF_LIST_OF_FILE;
}

std::optional<std::uint64_t> unzipped_size(std::string_view bytes) {
  std::uint64_t total = 0;
  const bool is_archive = visit_zip(bytes, [&](const ZipEntry& entry, const ZipContent&) {
    total += entry.size;
    return true;
  });
  if (!is_archive) return std::nullopt;
  return total;
}

}  // namespace matinee::archives
