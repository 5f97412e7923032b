#include "library/errors.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "library/json.h"
#include "protocol/error.h"

namespace lambda {

namespace {

std::string class_name(const std::exception& error) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), &std::free);
  return name ? name.get() : typeid(error).name();
}

std::string type_of(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const FunctionError*>(&error)) return ours->type();
  if (const auto* service = dynamic_cast<const matinee::protocol::ServiceError*>(&error))
    return service->code();
  if (dynamic_cast<const JsonError*>(&error)) return "Runtime.UnmarshalError";
  return class_name(error);
}

void add_causes(const std::exception& error, std::vector<std::string>& causes) {
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    causes.push_back(type_of(cause) + ": " + cause.what());
    add_causes(cause, causes);
  } catch (...) {
    causes.emplace_back("an exception of unknown type");
  }
}

}  // namespace

ErrorDocument describe_current_exception() {
  ErrorDocument document{"Runtime.UnknownException", "An exception of unknown type.", ""};
  std::vector<std::string> causes;
  try {
    throw;
  } catch (const std::exception& error) {
    document.type = type_of(error);
    document.message = error.what();
    add_causes(error, causes);
  } catch (...) {  // NOLINT: the document says all that is known
  }
  Json trace = Json::array();
  for (std::string& cause : causes) trace.push(std::move(cause));
  document.json = Json::object()
                      .set("errorType", document.type)
                      .set("errorMessage", document.message)
                      .set("stackTrace", std::move(trace))
                      .dump();
  return document;
}

}  // namespace lambda
