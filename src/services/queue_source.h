// A queue as event sources of functions read it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/task.h"
#include "services/context.h"

namespace matinee::services {

/// Tells when there is something to receive. State thread only.
class QueueWatch {
 public:
  virtual ~QueueWatch() = default;

  /// Posts `wake` once: as soon as a message of the queue can be received, or the queue is made,
  /// changed or gone. Whoever lets go of what this returns is not woken any more.
  [[nodiscard]] virtual std::shared_ptr<void> watch(const std::string& queue_arn,
                                                    runtime::Callback wake) = 0;
  /// Whether its messages are encrypted with a key of the user's.
  virtual bool is_encrypted(const std::string& queue_arn) const = 0;
  /// The queue's visibility timeout; nothing where there is no such queue.
  virtual std::optional<std::chrono::seconds> find_visibility_timeout(
      const std::string& queue_arn) const = 0;
};

struct QueueAttribute {
  std::string type;
  std::string text;    // of String and Number
  std::string binary;  // of Binary
};

struct QueueMessage {
  std::string id;
  std::string receipt;
  std::string body;
  std::string md5;
  std::string attributes_md5;                 // empty without attributes
  std::map<std::string, std::string> system;  // all system attributes
  std::map<std::string, QueueAttribute> attributes;
};

/// Who reads: a function's role, in the name of Lambda.
struct QueueReader {
  std::string queue;  // an ARN
  std::string role;   // an ARN
  std::string source_arn;
};

class QueueSource {
 public:
  virtual ~QueueSource() = default;
  /// At once what there is, at most ten. Throws SQS's errors.
  virtual runtime::Task<std::vector<QueueMessage>> receive(QueueReader reader, int most) = 0;
  /// At most ten. What is not removed comes again.
  virtual runtime::Task<> remove(QueueReader reader, std::vector<std::string> receipts) = 0;
};

}  // namespace matinee::services
