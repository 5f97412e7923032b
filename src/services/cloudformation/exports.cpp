// Values that stacks give to all others of their account and region.
#include <fmt/format.h>

#include "services/cloudformation/pages.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

constexpr std::size_t page_size = 100;

}  // namespace

ListExportsResponse Service::list_exports(const Context& context,
                                          const ListExportsRequest& request) {
  ListExportsResponse response{.exports = std::vector<Export>()};
  auto range = catalog_.exports.prefix(context.account, context.region);
  if (const auto after = read_page_token("exports", request.next_token))
    range = catalog_.exports.after(range, {context.account, context.region, *after});
  catalog_.exports.scan(range, [&](const ExportKey& key, const ExportRecord& record) {
    if (response.exports->size() == page_size) {
      response.next_token = page_token("exports", *response.exports->back().name);
      return false;
    }
    response.exports->push_back(
        {.exporting_stack_id = record.stack_id, .name = std::get<2>(key), .value = record.value});
    return true;
  });
  return response;
}

ListImportsResponse Service::list_imports(const Context& context,
                                          const ListImportsRequest& request) {
  const ExportKey exported{context.account, context.region, request.export_name};
  auto range = catalog_.imports.prefix(exported);
  if (const auto after = read_page_token("imports", request.next_token)) {
    const std::size_t slash = after->find('/');
    range =
        catalog_.imports.after(range, {exported, after->substr(0, slash),
                                       slash == std::string::npos ? "" : after->substr(slash + 1)});
  }
  ListImportsResponse response{.imports = std::vector<std::string>()};
  std::string last;
  catalog_.imports.scan(range, [&](const ImportKey& key, const ImportRecord&) {
    if (response.imports->size() == page_size) {
      response.next_token = page_token("imports", last);
      return false;
    }
    response.imports->push_back(std::get<1>(key));
    last = fmt::format("{}/{}", std::get<1>(key), std::get<2>(key));
    return true;
  });
  // In the words that AWS has for an export that nobody uses, and for one that is not there.
  if (response.imports->empty() && !request.next_token)
    throw ValidationError(
        fmt::format("Export '{}' is not imported by any stack.", request.export_name));
  return response;
}

}  // namespace matinee::cloudformation
