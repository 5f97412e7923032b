// AWS::Serverless::Application: a nested stack. Only by a URL: there is no Serverless Application
// Repository here.
#include <array>

#include "templates/sam/others/others.h"
#include "templates/sam/properties.h"
#include "templates/sam/shapes.h"

namespace matinee::templates::sam {

namespace {

const Value& require_location(const std::string& id, const Value& properties, const Value& at) {
  const Value* location = find_given(properties, "Location");
  if (!location)
    throw SamFault{id, "Resource is missing the required [Location] property.", at.place()};
  if (location->is_string()) return *location;
  for (const std::string_view name : {"ApplicationId", "SemanticVersion"})
    if (is_nothing(location->find(name)))
      throw SamFault{id, "Resource is missing the required [" + std::string(name) + "] property.",
                     location->place()};
  throw SamFault{id,
                 "Applications of the Serverless Application Repository are not served here: "
                 "Location must be the URL of a template.",
                 location->place()};
}

}  // namespace

void translate_application(Translation& translation, const std::string& id, const Value& source) {
  const Value* given = source.find("Properties");
  check_properties({id, "AWS::Serverless::Application", given}, rules_of_resource("Application"));
  const Value none = Value::map();
  const Value& wanted = given ? *given : none;
  Value stack = make_main_resource("AWS::CloudFormation::Stack", source);
  Value& properties = stack["Properties"];
  properties.set("TemplateURL", require_location(id, wanted, given ? *given : source));
  for (const std::string_view name : {"Parameters", "NotificationARNs", "TimeoutInMinutes"})
    set_given(properties, name, find_given(wanted, name));
  properties.set("Tags", list_tags(id, find_given(wanted, "Tags"), {{"lambda:createdBy", "SAM"}}));
  translation.add(id, std::move(stack));
}

}  // namespace matinee::templates::sam
