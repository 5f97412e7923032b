// The stand-in for www.omdbapi.com as an HTTP server.
#pragma once

#include <expected>

#include "cli/surroundings.h"
#include "gateway/server.h"
#include "omdb/stand_in.h"

namespace matinee::cli {

class OmdbServer {
 public:
  /// `keys` are the API keys that it knows; without any every key is good.
  OmdbServer(Surroundings& surroundings, std::vector<std::string> keys,
             gateway::ListenAddress address);

  /// The error is a sentence.
  std::expected<void, std::string> start();
  void stop(runtime::Duration grace, std::function<void()> stopped);
  /// "http://127.0.0.1:8080/", once it has been started.
  const std::string& url() const { return url_; }
  std::size_t size() const { return stand_in_.size(); }

 private:
  omdb::StandIn stand_in_;
  std::string address_;
  gateway::Server server_;
  std::string url_;
};

}  // namespace matinee::cli
