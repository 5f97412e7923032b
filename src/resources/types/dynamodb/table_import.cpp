#include "resources/types/dynamodb/table_import.h"

#include <fmt/format.h>

#include "resources/types/dynamodb/table_requests.h"

namespace matinee::resources::types::dynamodb {

namespace {

constexpr std::string_view source = "ImportSourceSpecification";

}  // namespace

Value imported_part(const Value& properties) {
  Value part =
      pick(properties, {"AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput",
                        "OnDemandThroughput", "SSESpecification", "GlobalSecondaryIndexes"});
  if (Value* indexes = part.find("GlobalSecondaryIndexes"))
    for (Value& index : indexes->elements()) index.erase("ContributorInsightsSpecification");
  return part;
}

Making import_of(const Subject& subject, const std::string& name, const Value& properties) {
  if (!member(properties, "LocalSecondaryIndexes").is_null())
    refuse_property("LocalSecondaryIndexes", "A table that is imported has none.");
  Value parameters = creation_of(subject, name, imported_part(properties));
  parameters.erase("Tags");
  Value request = member(properties, source);
  request.set("TableCreationParameters", parameters);
  return {.operation = "dynamodb:ImportTable",
          .request = request,
          .id_of = [name](const Value&) { return name; },
          .named = name};
}

Task<void> finish_import(Subject& subject, std::string name) {
  const std::string arn =
      fmt::format("arn:aws:dynamodb:{}:{}:table/{}", subject.region, subject.account, name);
  const Value imports = co_await call(subject, "dynamodb:ListImports", fields({{"TableArn", arn}}));
  const Value list = member(imports, "ImportSummaryList");
  if (list.elements().empty()) co_return;
  const Value newest = pick(list.elements().front(), {"ImportArn"});
  const Value ended = co_await wait(
      subject,
      {.operation = "dynamodb:DescribeImport", .request = newest, .is_ready = [](const Value& now) {
         return nested(now, "ImportTableDescription.ImportStatus").text() != "IN_PROGRESS";
       }});
  const Value told = member(ended, "ImportTableDescription");
  if (told.text_or("ImportStatus") != "COMPLETED")
    throw HandlerError("GeneralServiceException",
                       fmt::format("The import of the table has failed: {}: {}",
                                   told.text_or("FailureCode"), told.text_or("FailureMessage")));
}

}  // namespace matinee::resources::types::dynamodb
