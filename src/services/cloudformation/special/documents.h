// What custom resources are asked and answer, and what wait conditions are told, as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "resources/type.h"
#include "templates/tree.h"

namespace matinee::cloudformation {

using templates::Value;

/// A signal to a wait condition: {"Status": "SUCCESS", "UniqueId", "Data", "Reason"}.
struct Signal {
  bool has_succeeded = false;
  std::string id;
  std::string data;
  std::string reason;
};

/// Nothing where the text is no such document.
std::optional<Signal> read_signal(std::string_view text);

/// What a custom resource is asked to do.
struct CustomRequest {
  std::string kind;  // "Create", "Update", "Delete"
  std::string url;
  std::string type;
  std::string id;                         // physical; empty for Create
  const Value* properties = nullptr;      // with ServiceToken
  const Value* old_properties = nullptr;  // of Update
};

/// The document; truths and numbers in it are texts, as at AWS.
std::string text_of(const CustomRequest& request, const resources::Subject& subject);

/// What a custom resource has answered.
struct CustomAnswer {
  bool has_succeeded = false;
  std::string reason;
  std::string id;
  Value data = Value::map();  // texts by the names that Fn::GetAtt asks for
};

/// Whether an answer asks that its Data are not shown; false where it is none.
bool has_no_echo(std::string_view text);

/// Throws resources::HandlerError with AWS's words where the text is no such document, or one of
/// another request.
CustomAnswer read_answer(std::string_view text, const resources::Subject& subject);

}  // namespace matinee::cloudformation
