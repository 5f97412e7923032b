// Reads a template from standard input and prints, as JSON, what the SAM transform makes of it, or
// {"faults": [{"resource", "message", "text", "line"}], "message"}. Arguments NAME=VALUE are
// parameters; REGION and PARTITION are taken from the environment.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>

#include "services/iam/managed_policies.h"
#include "templates/reader.h"
#include "templates/sam/transform.h"

namespace {

namespace templates = matinee::templates;

std::string from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

templates::Value describe(const templates::sam::SamError& error) {
  templates::Value faults = templates::Value::list();
  for (const templates::sam::SamFault& fault : error.faults()) {
    templates::Value one;
    one.set("resource", fault.resource).set("message", fault.message).set("text", fault.text());
    one.set("line", static_cast<int>(fault.place.line));
    faults.append(std::move(one));
  }
  templates::Value all;
  all.set("message", error.what()).set("faults", std::move(faults));
  return all;
}

templates::Value transform(const std::string& text, const templates::sam::SamContext& context) {
  try {
    return templates::sam::transform(templates::read_template(text, templates::Aliases::expanded),
                                     context);
  } catch (const templates::sam::SamError& error) {
    return describe(error);
  }
}

}  // namespace

int main(int count, char** arguments) {
  templates::sam::SamContext context{.parameters = {},
                                     .region = from_environment("REGION", "us-east-1"),
                                     .partition = from_environment("PARTITION", "aws"),
                                     .find_managed_policy = matinee::iam::find_managed_policy_arn};
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const std::size_t equals = argument.find('=');
    context.parameters[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  std::puts(templates::to_json(transform(text, context)).c_str());
  return 0;
}
