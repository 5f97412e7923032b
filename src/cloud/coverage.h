// Which operations are served, from the same tables that serve them: docs/coverage.md cannot claim
// what is not there.
#pragma once

#include <string>
#include <vector>

namespace matinee::cloud {

struct CoveredService {
  std::string id;  // "SQS"
  std::vector<std::string> served;
  std::vector<std::string> missing;
};

/// Of every service of this program, in order of their names.
std::vector<CoveredService> coverage();

/// The page docs/coverage.md.
std::string coverage_as_markdown();
std::string coverage_as_json();

}  // namespace matinee::cloud
