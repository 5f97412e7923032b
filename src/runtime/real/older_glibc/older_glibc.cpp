// Stands in for the two functions of glibc 2.35 and 2.36 that the static libstdc++ and libgcc of
// Debian 12 ask for, so that the program starts with glibc 2.34 and every later one. Linked into
// programs only, and seen by nothing outside of them.
#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace {

struct Wanted {
  ElfW(Addr) address;
  dl_find_object* found;
};

/// Fills in what the unwinder wants to know, if the address is in this object.
int look_at(dl_phdr_info* object, std::size_t, void* argument) {
  auto& wanted = *static_cast<Wanted*>(argument);
  ElfW(Addr) start = 0;
  ElfW(Addr) end = 0;
  const ElfW(Phdr)* unwinding = nullptr;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = object->dlpi_phdr[i];
    const ElfW(Addr) from = object->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_GNU_EH_FRAME) unwinding = &part;
    if (part.p_type == PT_LOAD && wanted.address >= from && wanted.address < from + part.p_memsz) {
      start = from;
      end = from + part.p_memsz;
    }
  }
  if (end == 0 || !unwinding) return 0;
  wanted.found->dlfo_flags = 0;
  wanted.found->dlfo_map_start = reinterpret_cast<void*>(start);
  wanted.found->dlfo_map_end = reinterpret_cast<void*>(end);
  wanted.found->dlfo_link_map = nullptr;
  wanted.found->dlfo_eh_frame = reinterpret_cast<void*>(object->dlpi_addr + unwinding->p_vaddr);
  return 1;
}

}  // namespace

/// The unwinder's look-up of the object that holds an address; 0, or -1 where none does. The first
/// object that is looked at is the program itself, which holds all of its C++.
extern "C" int _dl_find_object(void* address, dl_find_object* result) noexcept {
  Wanted wanted{reinterpret_cast<ElfW(Addr)>(address), result};
  return dl_iterate_phdr(look_at, &wanted) == 1 ? 0 : -1;
}

/// What std::random_device asks.
extern "C" std::uint32_t arc4random() noexcept {
  std::uint32_t value = 0;
  while (getrandom(&value, sizeof(value), 0) != sizeof(value))
    if (errno != EINTR) std::abort();
  return value;
}
