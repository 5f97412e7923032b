// HTTP calls by libcurl, on a thread of its own.
//
// libcurl and the libraries it needs cost 3.5 ms at the start of a program and 6 MB of its resident
// memory, and most runs of the program never call another machine. So it is not linked but loaded
// (dlopen) at the first call; a machine without it gets an HttpFailure that says so.
#pragma once

#include <map>
#include <memory>

#include "runtime/http_client.h"
#include "runtime/loop.h"

namespace matinee::runtime {

struct CurlOptions {
  /// File with the certificates to trust instead of the system's; empty for the system's.
  std::string ca_bundle;
  /// Connections kept open for the next calls, to all hosts together.
  long idle_connections = 64;
};

/// Proxies come from the environment (https_proxy, http_proxy, no_proxy), as libcurl reads them.
class CurlHttpClient final : public HttpClient {
 public:
  /// `loop` must outlive it.
  explicit CurlHttpClient(Loop& loop, CurlOptions options = {});
  /// Gives up the calls that are under way.
  ~CurlHttpClient() override;

 private:
  class Worker;
  struct Waiting;

  Loop& loop_;
  CurlOptions options_;
  std::shared_ptr<Waiting> waiting_;
  std::unique_ptr<Worker> worker_;
  std::uint64_t next_call_ = 1;

  std::uint64_t start(HttpCall call, Done done) override;
  void cancel(std::uint64_t call) override;
};

}  // namespace matinee::runtime
