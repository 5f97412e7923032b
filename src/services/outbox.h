// What services hand over to be delivered to resources of other services: a bucket's notifications
// to a queue. src/delivery keeps its promises.
#pragma once

#include <string>

#include "runtime/task.h"

namespace matinee::services {

/// One message, and in whose name it is sent: what policies of the target see.
struct Delivery {
  std::string target;  // an ARN
  std::string body;
  std::string service_principal;  // "s3.amazonaws.com"
  std::string source_arn;
  std::string source_account;
  std::string trace_header = {};  // of the call that caused it, as Context has it
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  /// Part of the current transaction: committed, it is delivered at least once, even if the program
  /// is killed; rolled back, never. Deliveries from one source to one target keep their order.
  virtual void add(const Delivery& delivery) = 0;

  /// Delivers at once, without being kept or tried again: to find out whether a target takes it.
  /// Throws ServiceError, the target's own or NotImplemented for an ARN of a kind that is not
  /// served.
  virtual runtime::Task<> deliver_now(Delivery delivery) = 0;
};

}  // namespace matinee::services
