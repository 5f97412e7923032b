#include "gateway/rest_routes.h"

#include <algorithm>

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::Operation;

namespace {

/// "a", "{b}" and "c" of "/a/{b}/c".
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> words;
  while (!path.empty()) {
    path.remove_prefix(1);
    words.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(words.back().size());
  }
  return words;
}

}  // namespace

std::size_t RestRoutes::Route::demands() const {
  return words.size() + literals.size() + operation->required_query.size() +
         operation->required_headers.size();
}

bool RestRoutes::Route::fits(const HttpRequest& request) const {
  if (shape == Shape::words && !matches(words, request.path)) return false;
  for (const Literal& literal : literals) {
    const std::string* value = protocol::find_parameter(request.query, literal.name);
    if (!value || (!literal.value.empty() && *value != literal.value)) return false;
  }
  const auto has_parameter = [&](std::string_view name) {
    return protocol::find_parameter(request.query, name) != nullptr;
  };
  if (!std::ranges::all_of(operation->required_query, has_parameter)) return false;
  // Where a subresource names the operation, a header that is missing is the operation's to refuse.
  return !literals.empty() ||
         std::ranges::all_of(operation->required_headers, [&](std::string_view name) {
           return request.headers.contains(name) || has_parameter(name);
         });
}

RestRoutes::RestRoutes(const protocol::ServiceModel& service) {
  for (const Operation* operation : service.operations) {
    routes_.push_back(make_route(*operation));
    add_subresources(routes_.back());
  }
  // Operations that the model trims to their names give way to those that it describes.
  std::ranges::sort(routes_, [](const Route& one, const Route& other) {
    if (one.demands() != other.demands()) return one.demands() > other.demands();
    const bool is_described = one.operation->input != nullptr;
    if (is_described != (other.operation->input != nullptr)) return is_described;
    return one.operation->name < other.operation->name;
  });
  for (std::size_t place = 0; place < routes_.size(); ++place) add_candidate(place);
}

/// Words may stand for a path of any shape.
void RestRoutes::add_candidate(std::size_t place) {
  const Route& route = routes_[place];
  for (const Shape shape : {Shape::root, Shape::one_label, Shape::greedy}) {
    if (route.shape != shape && route.shape != Shape::words) continue;
    const std::string_view method = route.operation->method;
    auto found = std::ranges::find_if(candidates_, [&](const Candidates& candidates) {
      return candidates.shape == shape && candidates.method == method;
    });
    if (found == candidates_.end())
      found = candidates_.insert(
          found, {.shape = shape, .method = method, .all = {}, .without_query = {}});
    found->all.push_back(place);
    if (route.literals.empty() && route.operation->required_query.empty())
      found->without_query.push_back(place);
  }
}

std::span<const std::size_t> RestRoutes::find_candidates(const HttpRequest& request,
                                                         Shape shape) const {
  for (const Candidates& candidates : candidates_)
    if (candidates.shape == shape && candidates.method == request.method)
      return request.query.empty() ? candidates.without_query : candidates.all;
  return {};
}

RestRoutes::Route RestRoutes::make_route(const Operation& operation) {
  const std::size_t question = operation.uri.find('?');
  const std::string_view path = operation.uri.substr(0, question);
  Route route{.operation = &operation, .shape = shape_of(path), .words = {}, .literals = {}};
  if (path.size() > 1 && path[1] != '{') {
    route.shape = Shape::words;
    route.words = split(path);
  }
  if (question == std::string_view::npos) return route;
  std::string_view query = operation.uri.substr(question + 1);
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = part.substr(0, equals);
    // Newer SDKs name the operation in x-id; older ones do not, so it decides nothing.
    if (name == "x-id") continue;
    route.literals.push_back({name, part.substr(std::min(equals + 1, part.size()))});
  }
  return route;
}

/// Parameters with a value, as list-type=2, choose among operations on one resource.
void RestRoutes::add_subresources(const Route& route) {
  const auto add = [this](const Subresource& subresource) {
    if (std::ranges::find(subresources_, subresource) == subresources_.end())
      subresources_.push_back(subresource);
  };
  for (const Literal& literal : route.literals)
    if (literal.value.empty()) add({route.shape, literal.name, ""});
  if (!route.literals.empty()) return;
  for (const std::string_view name : route.operation->required_query)
    add({route.shape, name, route.operation->method});
}

bool RestRoutes::names_subresource(const HttpRequest& request, Shape shape) const {
  return std::ranges::any_of(request.query, [&](const auto& parameter) {
    return std::ranges::any_of(subresources_, [&](const Subresource& subresource) {
      return subresource.shape == shape && subresource.name == parameter.first &&
             (subresource.method.empty() || subresource.method == request.method);
    });
  });
}

RestRoutes::Shape RestRoutes::shape_of(std::string_view path) {
  if (path == "/") return Shape::root;
  const std::size_t slash = path.find('/', 1);
  // "/bucket/" is the bucket, not an object without a name.
  return slash == std::string_view::npos || slash + 1 == path.size() ? Shape::one_label
                                                                     : Shape::greedy;
}

bool RestRoutes::matches(std::span<const std::string_view> words, std::string_view path) {
  if (words.empty()) return path.empty();
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  const std::string_view word = words.front();
  const std::string_view first = path.substr(0, path.find('/'));
  if (!word.starts_with('{'))
    return word == first && matches(words.subspan(1), path.substr(first.size()));
  if (first.empty()) return false;
  if (!word.ends_with("+}")) return matches(words.subspan(1), path.substr(first.size()));
  // As much as the words after it leave.
  for (std::size_t end = path.size(); end != std::string_view::npos && end > 0;
       end = path.rfind('/', end - 1))
    if (matches(words.subspan(1), path.substr(end))) return true;
  return false;
}

const Operation* RestRoutes::find(const HttpRequest& request) const {
  const Shape shape = shape_of(request.path);
  for (const std::size_t place : find_candidates(request, shape)) {
    const Route& route = routes_[place];
    if (!route.fits(request)) continue;
    const bool is_plain = route.literals.empty() && route.operation->required_query.empty();
    if (is_plain && names_subresource(request, shape)) return nullptr;
    return route.operation;
  }
  return nullptr;
}

}  // namespace matinee::gateway
