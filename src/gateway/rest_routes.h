// Which operation of a REST service a request means: method, path, and the parameters and headers
// that tell operations on the same path apart. The table is made from the models' URIs.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "protocol/http.h"
#include "protocol/operation.h"

namespace matinee::gateway {

class RestRoutes {
 public:
  explicit RestRoutes(const protocol::ServiceModel& service);

  /// Of the operations that fit, the one that asks for most; null where none fits. The path is in
  /// path style. What names a subresource is never about the resource itself: "DELETE /key?acl" is
  /// no operation, rather than DeleteObject.
  const protocol::Operation* find(const protocol::HttpRequest& request) const;

 private:
  /// "uploads", or "list-type=2", which a request's query must have.
  struct Literal {
    std::string_view name;
    std::string_view value;  // empty: any
  };
  /// What a path may be: "/", "/{Bucket}", "/{Bucket}/{Key+}", or words with labels among them.
  enum class Shape : std::uint8_t { root, one_label, greedy, words };
  struct Route {
    const protocol::Operation* operation;
    Shape shape;
    std::vector<std::string_view> words;  // of Shape::words, labels in braces among them
    std::vector<Literal> literals;

    std::size_t demands() const;
    /// Of a request whose method is the operation's, and whose path has the shape, or may have.
    bool fits(const protocol::HttpRequest& request) const;
  };

  /// A parameter that makes a request about more than its path.
  struct Subresource {
    Shape shape;
    std::string_view name;
    std::string_view method;  // empty: any
    bool operator==(const Subresource&) const = default;
  };

  /// What requests of a method, with a path of a shape, may mean: places in routes_, in their
  /// order.
  struct Candidates {
    Shape shape;
    std::string_view method;
    std::vector<std::size_t> all;
    std::vector<std::size_t> without_query;
  };

  std::vector<Route> routes_;  // the most demanding first
  std::vector<Subresource> subresources_;
  std::vector<Candidates> candidates_;

  void add_subresources(const Route& route);
  void add_candidate(std::size_t place);
  std::span<const std::size_t> find_candidates(const protocol::HttpRequest& request,
                                               Shape shape) const;
  bool names_subresource(const protocol::HttpRequest& request, Shape shape) const;
  static Route make_route(const protocol::Operation& operation);
  static Shape shape_of(std::string_view path);
  /// Whether a path is these words, with anything in place of labels, and with slashes in what is
  /// in place of "{label+}".
  static bool matches(std::span<const std::string_view> words, std::string_view path);
};

}  // namespace matinee::gateway
