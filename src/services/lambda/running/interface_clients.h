// Functions in Java, Ruby and .NET, run by the runtime interface clients that AWS publishes: those
// are packed with the function, or lie in a layer.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/disk.h"
#include "services/lambda/catalog/records.h"
#include "services/lambda/running/machine.h"

namespace matinee::lambda {

/// `folders` are those of the code and of the layers, on this machine. Throws ServiceError
/// "Runtime.InvalidEntrypoint" with a sentence that says what to pack, where there is no client.
Launch launch_by_client(const Settings& settings, const std::string& interpreter,
                        std::span<const std::string> folders, const runtime::Disk& disk);

/// What to pack, as a sentence.
std::string how_to_pack(const std::string& runtime);

/// Throws ServiceError "Runtime.InvalidEntrypoint".
[[noreturn]] void refuse_launch(std::string reason);

}  // namespace matinee::lambda
