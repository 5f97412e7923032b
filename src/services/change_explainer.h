// Who can say why a function has not seen a change of a table: `matinee why --stream`.
#pragma once

#include <string>

#include "services/explainer.h"

namespace matinee::services {

struct ChangeQuestion {
  std::string account;
  std::string region;
  std::string table;
  /// The last change of that item is meant: its key as the journal writes it, or an event id.
  std::string item;
  std::string function;  // an ARN; empty: all that read the table's stream
};

struct ChangeExplanation {
  Explanation found;
  /// What the journal knows the change by; empty where it need not be asked.
  std::string message_id;
};

class ChangeExplainer {
 public:
  virtual ~ChangeExplainer() = default;

  /// Changes nothing. Takes turns.
  virtual runtime::Task<ChangeExplanation> explain_change(ChangeQuestion question) = 0;
};

}  // namespace matinee::services
