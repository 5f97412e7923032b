// What a template names as the code of a function or the content of a layer, as a zip archive that
// is the same whenever the files are: a folder, a single file, or an archive that is one already.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "runtime/folders.h"

namespace matinee::jobs::deploy {

/// What commands read of the user's files.
struct LocalFiles {
  const runtime::Disk& disk;
  const runtime::Folders& folders;
};

struct CodePackage {
  std::string bytes;
  std::string ending;  // ".zip", ".jar"
  /// Files in it that were packed here; 0: it was an archive already.
  std::size_t files = 0;
  /// What may be missing in it, as a sentence; empty where nothing looks so.
  std::string remark;
};

/// AWS: Lambda takes 250 MB unpacked. More is refused before it is packed.
inline constexpr std::uint64_t most_unpacked_bytes = std::uint64_t{250} << 20;

/// `path` is absolute, `name` what the template calls it. The error is a sentence. Of a folder all
/// is packed but `.git`, `.aws-sam` and `__pycache__`.
std::expected<CodePackage, std::string> pack_code(const LocalFiles& files, const std::string& path,
                                                  const std::string& name);

/// Why `pack_code` would refuse it, without a look into its files; empty where it would not.
std::string find_code_fault(const LocalFiles& files, const std::string& path,
                            const std::string& name);

}  // namespace matinee::jobs::deploy
