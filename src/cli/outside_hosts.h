// `--host NAME=TARGET`: which hosts of the outside world functions find somewhere else.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "cli/surroundings.h"
#include "cloud/cloud.h"
#include "gateway/outside_world.h"

namespace matinee::cli {

/// The values of all the options. A target is `omdb`, "HOST:PORT" or the URL of a server; the error
/// is a sentence.
std::expected<std::vector<gateway::OutsideHost>, std::string> read_outside_hosts(
    const std::vector<std::string>& given);

/// Null where no hosts are given.
std::expected<std::unique_ptr<gateway::OutsideWorld>, std::string> open_outside_world(
    Surroundings& surroundings, const std::vector<std::string>& given);

/// Tells functions: by variables that name the proxy, and what is reached without it, `endpoint`
/// above all; by names in their /etc/hosts; and by the certificate to trust for HTTPS, which is put
/// into a folder below `place.directory`. The error is a sentence.
std::expected<void, std::string> tell_functions(const gateway::OutsideWorld& outside,
                                                runtime::Disk& disk, cloud::FunctionPlace& place);

}  // namespace matinee::cli
