#include "archives/zip_writer.h"

#include <minizip/zip.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace matinee::archives {

namespace {

constexpr uLong made_by_unix = 3 << 8 | 30;
constexpr uLong names_are_utf8 = 1 << 11;
constexpr uLong first_of_january_1980 = 1 << 21 | 1 << 16;
constexpr uLong regular_file = 0100000;
constexpr uLong for_executables = 0755;
constexpr uLong for_files = 0644;
constexpr int mode_bits = 16;
constexpr int level = 6;

/// The archive as a file that minizip writes; it lies in memory.
struct MemoryFile {
  std::string bytes;
  std::size_t position = 0;
};

zlib_filefunc64_def functions_on(MemoryFile& file) {
  zlib_filefunc64_def functions{};
  functions.opaque = &file;
  functions.zopen64_file = [](voidpf opaque, const void*, int) -> voidpf { return opaque; };
  functions.zread_file = [](voidpf, voidpf, void*, uLong) -> uLong { return 0; };
  functions.zwrite_file = [](voidpf, voidpf stream, const void* source, uLong size) -> uLong {
    auto& to = *static_cast<MemoryFile*>(stream);
    to.bytes.resize(std::max<std::size_t>(to.bytes.size(), to.position + size));
    std::memcpy(to.bytes.data() + to.position, source, size);
    to.position += size;
    return size;
  };
  functions.ztell64_file = [](voidpf, voidpf stream) -> ZPOS64_T {
    return static_cast<MemoryFile*>(stream)->position;
  };
  functions.zseek64_file = [](voidpf, voidpf stream, ZPOS64_T offset, int origin) -> long {
    auto& in = *static_cast<MemoryFile*>(stream);
    std::uint64_t start = 0;
    if (origin == ZLIB_FILEFUNC_SEEK_CUR) start = in.position;
    if (origin == ZLIB_FILEFUNC_SEEK_END) start = in.bytes.size();
    if (start + offset > in.bytes.size()) return -1;
    in.position = start + offset;
    return 0;
  };
  functions.zclose_file = [](voidpf, voidpf) { return 0; };
  functions.zerror_file = [](voidpf, voidpf) { return 0; };
  return functions;
}

void require(bool done) {
  if (!done) throw std::runtime_error("The archive cannot be made.");
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

struct ZipWriter::State {
  MemoryFile file;
  zlib_filefunc64_def functions = functions_on(file);
  zipFile zip = zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &functions);
};

ZipWriter::ZipWriter() : state_(std::make_unique<State>()) {
  require(state_->zip != nullptr);
}

ZipWriter::~ZipWriter() {
  if (state_->zip) zipClose(state_->zip, nullptr);
}

void ZipWriter::add(const std::string& name, std::string_view content, bool executable) {
  zip_fileinfo info{};
  info.dosDate = first_of_january_1980;
  info.external_fa = (regular_file | (executable ? for_executables : for_files)) << mode_bits;
  const bool is_huge = content.size() >= std::numeric_limits<std::uint32_t>::max();
  require(zipOpenNewFileInZip4_64(state_->zip, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                  Z_DEFLATED, level, 0, -MAX_WBITS, DEF_MEM_LEVEL,
                                  Z_DEFAULT_STRATEGY, nullptr, 0, made_by_unix,
                                  is_ascii(name) ? 0 : names_are_utf8, is_huge ? 1 : 0) == ZIP_OK);
  while (!content.empty()) {
    constexpr std::size_t piece = std::size_t{1} << 24;
    const std::string_view part = content.substr(0, piece);
    require(zipWriteInFileInZip(state_->zip, part.data(), static_cast<unsigned>(part.size())) ==
            ZIP_OK);
    content.remove_prefix(part.size());
  }
  require(zipCloseFileInZip(state_->zip) == ZIP_OK);
}

std::string ZipWriter::finish() {
  require(zipClose(std::exchange(state_->zip, nullptr), nullptr) == ZIP_OK);
  return std::move(state_->file.bytes);
}

}  // namespace matinee::archives
