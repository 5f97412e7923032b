// Running the cloud as a server, from its ready line to the end of what it has accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/keys.h"
#include "cli/surroundings.h"

namespace matinee::cli {

struct UpOptions {
  int port = 4566;
  std::string address = "127.0.0.1";
  std::string directory;
  std::string durability = "process";
  bool legacy_ports = false;
  std::string authentication = "any";
  std::string iam = "off";  // or "observe", "enforce"
  KeySources keys;
  std::vector<std::string> allowed_hosts;    // names of this server besides its own
  std::vector<std::string> allowed_origins;  // "https://app.example", of pages that may use it
  bool tls = false;
  std::string region = "us-east-1";
  std::string quotas = "none";
  std::string clock = "running";      // or "paused"
  std::optional<std::uint64_t> seed;  // of all that is random; none: of the system
  std::string weather = "fair";       // or "aws"
  std::string journal = "on";         // or "off"
  std::uint32_t journal_payloads = 65536;
  std::string functions = "sandbox";  // "process" or "off"
  std::vector<std::string> hosts;     // "www.omdbapi.com=omdb", of the outside world of functions
  std::string format = "text";
  std::string port_file;    // empty for none
  bool is_passing = false;  // the directory goes when the server ends: no option of `up`
  bool exit_with_parent = false;
  bool detach = false;
  bool accept_loss = false;
};

/// Serves until a stop signal. Returns the exit code.
int serve(Surroundings& surroundings, const UpOptions& options);

/// Starts `matinee up` in the background and prints its ready line.
int serve_detached(Surroundings& surroundings, const UpOptions& options);

}  // namespace matinee::cli
