// What AWS calls packing: policies and tags of a session are compressed before they go into its
// token.
#pragma once

#include <string>
#include <string_view>

namespace matinee::sts {

/// Compressed, with one byte in front that tells how: never more than one byte longer than `text`.
std::string pack(std::string_view text);

/// What `pack` was given. Throws storage::DamagedRecord for what it has not made.
std::string unpack(std::string_view packed);

}  // namespace matinee::sts
