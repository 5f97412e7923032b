#include "runtime/real/start_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace matinee::runtime {

namespace {

struct Relocations {
  std::uintptr_t begin = 0;
  std::size_t bytes = 0;
};

/// Of the first object that is told of, which is the program itself.
int find_relocations(dl_phdr_info* info, std::size_t, void* found) {
  auto& relocations = *static_cast<Relocations*>(found);
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

}  // namespace

std::size_t give_back_start_pages() {
  Relocations relocations;
  dl_iterate_phdr(find_relocations, &relocations);
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  // Only whole pages: what else is on the first and the last one may be needed.
  const std::uintptr_t begin = (relocations.begin + page - 1) / page * page;
  const std::uintptr_t end = (relocations.begin + relocations.bytes) / page * page;
  if (relocations.begin == 0 || end <= begin) return 0;
  const std::size_t bytes = end - begin;
  return madvise(reinterpret_cast<void*>(begin), bytes, MADV_DONTNEED) == 0 ? bytes : 0;
}

}  // namespace matinee::runtime
