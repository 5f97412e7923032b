// Who can say why something did not happen: `matinee why`. Each service explains its own resources,
// with the code that decides, and never guesses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/task.h"
#include "services/context.h"

namespace matinee::services {

/// What somebody wants to know about a resource.
struct Question {
  std::string resource;  // ARN of a queue, a topic, a rule
  /// Of a queue: which message. One of the two.
  std::string message_id = {};
  std::string body_part = {};
  /// Of a topic or a rule: what would happen to this. For a rule an event as PutEvents makes it;
  /// for a topic a request of Publish in JSON ({"Message": ..., "MessageAttributes": ...}), or else
  /// the message itself.
  std::string document = {};
};

/// What was found out: sentences for people, with their full stops, the most important first.
struct Explanation {
  /// Whether what was asked for has happened, or would: the message is there, the rule matches.
  bool holds = false;
  std::vector<std::string> sentences;
  /// In the words of whoever would change it: "Set the visibility timeout to ...". May be empty.
  std::vector<std::string> remedies = {};
};

class Explainer {
 public:
  virtual ~Explainer() = default;

  /// "sqs": of the ARNs that it explains.
  virtual std::string_view service() const = 0;

  /// Changes nothing. Throws ServiceError where there is no such resource, or the document cannot
  /// be read. May take turns.
  virtual runtime::Task<Explanation> explain(Context context, Question question) = 0;
};

}  // namespace matinee::services
