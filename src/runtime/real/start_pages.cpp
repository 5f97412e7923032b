#include "runtime/real/start_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace matinee::runtime {

namespace {

struct Range {
  std::uintptr_t begin = 0;
  std::size_t bytes = 0;
};

/// Of the first object that is told of, which is the program itself.
int find_relocations(dl_phdr_info* info, std::size_t, void* found) {
  auto& relocations = *static_cast<Range*>(found);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(info->dlpi_addr + header.p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_RELASZ) relocations.bytes = entry->d_un.d_val;
      // glibc has put the address in its place already, where it may write there.
      if (entry->d_tag == DT_RELA)
        relocations.begin = entry->d_un.d_ptr < info->dlpi_addr
                                ? info->dlpi_addr + entry->d_un.d_ptr
                                : entry->d_un.d_ptr;
    }
  }
  return 1;
}

/// Of the program itself, as above. Nobody has written there: the linker keeps data elsewhere.
int find_code(dl_phdr_info* info, std::size_t, void* found) {
  auto& code = *static_cast<Range*>(found);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type == PT_LOAD && (header.p_flags & PF_X) != 0 && (header.p_flags & PF_W) == 0)
      code = {.begin = info->dlpi_addr + header.p_vaddr, .bytes = header.p_memsz};
  }
  return 1;
}

/// Only whole pages: what else is on the first and the last one may be needed.
std::size_t give_back(const Range& range) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (range.begin + page - 1) / page * page;
  const std::uintptr_t end = (range.begin + range.bytes) / page * page;
  if (range.begin == 0 || end <= begin) return 0;
  const std::size_t bytes = end - begin;
  return madvise(reinterpret_cast<void*>(begin), bytes, MADV_DONTNEED) == 0 ? bytes : 0;
}

}  // namespace

std::size_t give_back_start_pages() {
  Range relocations;
  dl_iterate_phdr(find_relocations, &relocations);
  return give_back(relocations);
}

std::size_t give_back_start_code() {
  Range code;
  dl_iterate_phdr(find_code, &code);
  return give_back(code);
}

}  // namespace matinee::runtime
