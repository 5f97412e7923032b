// Credentials that the surroundings of a program serve over HTTP: a container's agent, or the
// metadata service of an EC2 machine (version 2, with a session token).
#pragma once

#include "client/credentials.h"
#include "client/surroundings.h"

namespace matinee::client {

/// From AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI. Nothing where neither is set. Throws
/// ClientError where the agent does not answer, or the URI is one that must not be trusted with an
/// authorization token.
runtime::Task<std::optional<Credentials>> find_container_credentials(const Surroundings& around);

/// From the machine's role. Nothing where there is no metadata service, it is switched off by
/// AWS_EC2_METADATA_DISABLED, or the machine has no role.
runtime::Task<std::optional<Credentials>> find_machine_credentials(const Surroundings& around);

/// {"AccessKeyId": …, "SecretAccessKey": …, "Token": …, "Expiration": …}; nothing for other text.
std::optional<Credentials> read_served_credentials(std::string_view json);

}  // namespace matinee::client
