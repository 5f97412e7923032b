// Which names this server may stand for under TLS: its own, and AWS's.
#pragma once

#include <string>
#include <string_view>

namespace matinee::gateway::tls {

/// What the authority of a directory may certify at all; it says so in its own certificate, so that
/// whoever gets hold of its key cannot stand for anybody else. Domains with all below them.
inline constexpr std::string_view domains[] = {
    "localhost", "localhost.localdomain", "amazonaws.com", "amazonaws.com.cn", "api.aws",
    "on.aws",    "host.docker.internal"};

/// A host name below one of the domains, in letters, digits, hyphens, underscores and dots.
bool may_stand_for(std::string_view name);

/// "sqs.us-east-1.amazonaws.com:443" of a CONNECT: one of those names, or a loopback address, with
/// the port of HTTPS or, for names of this machine, ours.
bool is_tunnel_target(std::string_view authority, std::string_view own_port);

}  // namespace matinee::gateway::tls
