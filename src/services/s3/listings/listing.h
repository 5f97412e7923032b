// How a listing walks over keys: in order, folding what a delimiter folds with one seek for each
// common prefix. The cost of a page depends on the page alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/loop.h"
#include "runtime/task.h"
#include "services/s3/catalog/catalog.h"

namespace matinee::s3 {

struct ListQuery {
  std::string prefix;
  std::string delimiter;  // empty: none
  /// Where the last page ended: a key, or a common prefix as replies show it, or any key in it.
  /// Empty: at the start.
  std::string after;
  std::size_t limit = 1000;  // keys and common prefixes together
};

struct Listing {
  std::vector<std::pair<std::string, ObjectRecord>> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;  // the `after` of the next page
};

/// The part of `key` up to and including the first delimiter after the prefix; nothing where there
/// is no such delimiter.
std::optional<std::string> common_prefix(std::string_view key, std::string_view prefix,
                                         std::string_view delimiter);

/// The common prefix to which a marker belongs, wherever in it the marker is: a listing goes on
/// behind it, and does not show it again.
std::optional<std::string> group_of_marker(std::string_view marker, std::string_view prefix,
                                           std::string_view delimiter);

/// Gives way when it takes long; the page is of the moment when it began all the same. Catalog and
/// turns must outlive the task.
runtime::Task<Listing> list(runtime::Turns& turns, const Catalog& catalog, std::string bucket,
                            ListQuery query);

/// A page size as clients give it: 1,000 where it is missing or larger. Throws InvalidArgument
/// where it is negative.
std::int32_t page_size(const std::optional<std::int32_t>& requested, std::string_view argument);

/// Throws InvalidArgument.
void check_not_negative(std::int32_t number, std::string_view argument);

/// With encoding-type=url, which clients ask for because XML cannot hold every key.
class KeyEncoding {
 public:
  /// Throws InvalidArgument for another type than "url".
  explicit KeyEncoding(const std::optional<std::string>& encoding_type);
  std::string operator()(std::string_view key) const;

 private:
  bool url_ = false;
};

/// Canonical user ids of the owners of a bucket's objects: the bucket's owner, or where it has
/// lists, who stored the object.
class ObjectOwners {
 public:
  ObjectOwners(const std::string& bucket_account, bool has_lists);
  std::string operator()(const Attributes& attributes) const;
  const std::string& of_bucket() const { return bucket_owner_; }

 private:
  std::string bucket_owner_;
  bool has_lists_;
};

}  // namespace matinee::s3
