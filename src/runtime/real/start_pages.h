// Memory that only the start of the program needs.
#pragma once

#include <cstddef>

namespace matinee::runtime {

/// Gives back the pages with the program's relocations, some 3 MB, which the dynamic linker has
/// read and nobody reads again; if somebody does, they come from the file. Returns how many bytes
/// these pages have: 0 where the program has none, as a static one.
std::size_t give_back_start_pages();

}  // namespace matinee::runtime
