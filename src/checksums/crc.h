// Cyclic redundancy checks in reflected bit order, as CRC32, CRC32C and CRC64NVME are defined: all
// ones at the start, inverted at the end.
#pragma once

#include <cstdint>
#include <string_view>

namespace matinee::crc {

struct Polynomial;
extern const Polynomial crc32;      // of zip and Ethernet
extern const Polynomial crc32c;     // Castagnoli
extern const Polynomial crc64nvme;  // of NVM Express

/// Goes on from `crc` (0 for no bytes yet). Folds with carry-less multiplication where the
/// processor has it: bounded by memory, not by arithmetic.
std::uint64_t update(const Polynomial& polynomial, std::uint64_t crc, std::string_view bytes);

/// The same, for processors without carry-less multiplication.
std::uint64_t update_by_table(const Polynomial& polynomial, std::uint64_t crc,
                              std::string_view bytes);

/// Of the bytes of `first` followed by the `second_length` bytes of `second`.
std::uint64_t combine(const Polynomial& polynomial, std::uint64_t first, std::uint64_t second,
                      std::uint64_t second_length);

}  // namespace matinee::crc
