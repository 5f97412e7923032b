// Archives become folders. Archives are made by anybody: whatever they say, nothing outside of the
// folder is touched.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace matinee::runtime {

/// More than any function may have; what an archive promises beyond is refused unread.
constexpr std::uint64_t most_unpacked_bytes = std::uint64_t{1} << 30;
constexpr std::size_t most_entries = 200'000;

/// Unpacks a zip archive into an empty folder. Everybody may read what is in it, and run what the
/// archive calls executable; only its owner may write. Of entries of the same name the last counts;
/// links that lead out of the folder are left out, except to /opt and /var/task, where the program
/// will find its own folders. The error is a sentence, and leaves a part of the archive there.
std::expected<void, std::string> unpack_archive(std::string_view archive,
                                                const std::string& folder);

/// Lays folders over each other in an empty folder: later ones cover earlier ones, file by file.
/// The files are the same ones, where the file system can do that. The error is a sentence.
std::expected<void, std::string> lay_over_each_other(const std::vector<std::string>& folders,
                                                     const std::string& target);

/// Removes a folder with all that is in it. Links are not followed.
void remove_folder(const std::string& folder);

}  // namespace matinee::runtime
