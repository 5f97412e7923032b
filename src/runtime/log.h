// What units include to write to the program's own log.
//
// The template behind spdlog's calls formats whatever can be formatted, floating point too. A unit
// that instantiates it takes six times as long to compile, so it is taken from fmt's library, which
// has it for char. fmt itself declares nothing of this, because its headers serve GCC as well.
#pragma once

#include <spdlog/spdlog.h>

namespace fmt {

extern template void detail::vformat_to<char>(detail::buffer<char>&, basic_string_view<char>,
                                              basic_format_args<FMT_BUFFER_CONTEXT(char)>,
                                              detail::locale_ref);

}  // namespace fmt
