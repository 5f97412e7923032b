// Memory that only the start of the program needs.
#pragma once

#include <cstddef>

namespace matinee::runtime {

/// Gives back the pages with the program's relocations, some 3 MB, which the dynamic linker has
/// read and nobody reads again; if somebody does, they come from the file. Returns how many bytes
/// these pages have: 0 where the program has none, as a static one.
std::size_t give_back_start_pages();

/// Gives back the pages of code that have been run so far, of which most are needed once: what runs
/// again comes from the file, which the machine still has in its memory. To be called when the
/// program has begun what it is there for. Returns how many bytes of code the program has.
std::size_t give_back_start_code();

}  // namespace matinee::runtime
