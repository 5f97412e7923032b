// Who calls, where, and as which request.
#pragma once

#include <string>

namespace matinee::services {

struct Context {
  std::string account = "000000000000";  // 12 digits: owner of all state that the call touches
  std::string region = "us-east-1";
  std::string access_key;                // empty for anonymous and in-process callers
  std::string caller_arn;                // arn:aws:iam::ACCOUNT:root, or a user or role
  std::string request_id;                // UUID
  std::string host;                      // of the URLs the client is given: "localhost:4566"
  bool secure = false;                   // https
  std::string source_ip;
};

}  // namespace matinee::services
