// The same load on several servers, one after the other, as a table of ratios to the first.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "figures.h"
#include "http_load.h"

namespace bench {

/// A server that already runs on 127.0.0.1. The one called nginx serves files and nothing else.
struct Candidate {
  std::string name;
  std::uint16_t port = 0;

  bool serves_files_only() const { return name == "nginx"; }
};

/// Reads NAME=http://127.0.0.1:PORT. Throws std::invalid_argument for anything else.
Candidate parse_candidate(const std::string& text);

/// One load that servers are compared by. `measure` returns the figure, or nothing for a server
/// that the load is not meant for; what it throws is shown as a failure of that server.
struct Contest {
  std::string name;
  Better better = Better::higher;
  std::function<std::optional<double>(const LoadPlan&, const Candidate&)> measure;
};

/// The table for people, and the figures in it by contest and server.
struct Comparison {
  std::string table;
  std::map<std::string, std::map<std::string, double>> figures;
};

/// Runs every load on every server. What a server cannot do is shown as failed, with the reason
/// below the table.
Comparison run_contests(const Settings& settings, const std::string& service,
                        const std::vector<Contest>& contests,
                        const std::vector<Candidate>& candidates);

/// The table of the SQS loads.
std::string compare_sqs(const Settings& settings, const std::vector<Candidate>& candidates);

/// The table of the DynamoDB loads.
std::string compare_dynamodb(const Settings& settings, const std::vector<Candidate>& candidates);

/// The table of the S3 loads, and what is promised in proportion to nginx and to MD5 alone. Slow
/// servers move a smaller object.
std::string compare_s3(const Settings& settings, const std::vector<Candidate>& candidates);

}  // namespace bench
