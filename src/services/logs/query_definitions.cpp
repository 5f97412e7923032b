// Saved queries: kept, not run.
#include "services/logs/service.h"

namespace matinee::logs {

namespace {

constexpr std::int32_t default_page = 1000;

QueryDefinition describe(const std::string& id, const QueryDefinitionRecord& record) {
  QueryDefinition described{.query_language = record.language,
                            .query_definition_id = id,
                            .name = record.name,
                            .query_string = record.query,
                            .last_modified = record.modified,
                            .log_group_names = record.groups};
  if (record.parameters.empty()) return described;
  std::vector<QueryParameter>& parameters = described.parameters.emplace();
  for (const QueryParameterRecord& parameter : record.parameters)
    parameters.push_back({.name = parameter.name,
                          .default_value = parameter.default_value,
                          .description = parameter.description});
  return described;
}

}  // namespace

PutQueryDefinitionResponse Service::put_query_definition(const Context& context,
                                                         const PutQueryDefinitionRequest& request) {
  const bool is_new = !request.query_definition_id;
  const std::string id = is_new ? runtime_.random.uuid() : *request.query_definition_id;
  const NameKey key = key_of(context, id);
  if (!is_new && !catalog_.query_definitions.contains(key))
    throw ResourceNotFoundException("The specified query definition does not exist.");
  if (is_new && request.client_token) {
    // The same request once more, after its reply was lost.
    std::optional<std::string> earlier;
    catalog_.query_definitions.scan(
        catalog_.query_definitions.prefix(context.account, context.region),
        [&](const NameKey& other, const QueryDefinitionRecord& record) {
          if (record.client_token == request.client_token) earlier = std::get<2>(other);
          return !earlier;
        });
    if (earlier) return {.query_definition_id = earlier};
  }
  QueryDefinitionRecord record{
      .name = request.name,
      .query = request.query_string,
      .language = request.query_language.value_or("CWLI"),
      .modified = now(),
      .groups = request.log_group_names.value_or(std::vector<std::string>{}),
      .client_token = request.client_token};
  if (request.parameters)
    for (const QueryParameter& parameter : *request.parameters)
      record.parameters.push_back({.name = parameter.name,
                                   .default_value = parameter.default_value,
                                   .description = parameter.description});
  catalog_.query_definitions.put(key, record);
  return {.query_definition_id = id};
}

DeleteQueryDefinitionResponse Service::delete_query_definition(
    const Context& context, const DeleteQueryDefinitionRequest& request) {
  const NameKey key = key_of(context, request.query_definition_id);
  if (!catalog_.query_definitions.contains(key))
    throw ResourceNotFoundException("The specified query definition does not exist.");
  catalog_.query_definitions.erase(key);
  return {.success = true};
}

DescribeQueryDefinitionsResponse Service::describe_query_definitions(
    const Context& context, const DescribeQueryDefinitionsRequest& request) {
  constexpr std::string_view kind = "queries";
  PageQuery page{.limit = static_cast<std::size_t>(request.max_results.value_or(default_page))};
  if (request.next_token) page.after = read_page_token(kind, *request.next_token);
  const std::string prefix = request.query_definition_name_prefix.value_or("");
  DescribeQueryDefinitionsResponse response;
  std::vector<QueryDefinition>& definitions = response.query_definitions.emplace();
  const auto last =
      visit_page(catalog_.query_definitions, std::tuple(context.account, context.region), page,
                 [&](const std::string& id, const QueryDefinitionRecord& record) {
                   const bool is_wanted =
                       record.name.starts_with(prefix) &&
                       (!request.query_language || record.language == *request.query_language);
                   if (is_wanted) definitions.push_back(describe(id, record));
                   return is_wanted;
                 });
  if (last) response.next_token = page_token(kind, *last);
  return response;
}

}  // namespace matinee::logs
