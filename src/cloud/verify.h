// Looking through a data directory that no program uses.
#pragma once

#include <expected>

#include "runtime/runtime.h"
#include "storage/store.h"
#include "storage/verification.h"

namespace matinee::cloud {

/// Checks files, records, references and bodies of all services in `directory`, and changes nothing
/// there. The error says why nothing could be looked at.
std::expected<storage::Verification, storage::OpenError> verify(runtime::Runtime& runtime,
                                                                const std::string& directory);

}  // namespace matinee::cloud
