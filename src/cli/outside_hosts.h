// `--host NAME=TARGET`: which hosts of the outside world functions find somewhere else. One they
// always do: the host at which functions answer CloudFormation.
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

/// What custom resources answer to is at AWS a presigned URL of this host, by HTTPS, of which many
/// providers use no more than the host's name. It is that of us-east-1 in all regions.
inline constexpr const char* answers_host =
    "cloudformation-custom-resource-response-useast1.s3.amazonaws.com";

/// With the hosts given, and the one for answers, which leads to the cloud at `endpoint`.
std::expected<std::unique_ptr<gateway::OutsideWorld>, std::string> open_outside_world(
    Surroundings& surroundings, const std::vector<std::string>& given, const std::string& endpoint);

/// Tells functions: by names in their /etc/hosts; by a variable for our loaders, which lead those
/// names themselves where that is not enough; by the certificate to trust for HTTPS, which is put
/// into a folder below `place.directory`; and, where hosts were given, by variables that name the
/// proxy, and what is reached without it, `endpoint` above all. The error is a sentence.
std::expected<void, std::string> tell_functions(const gateway::OutsideWorld& outside,
                                                runtime::Disk& disk, cloud::FunctionPlace& place);

}  // namespace matinee::cli
