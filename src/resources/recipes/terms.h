// Terms of recipes: JSON that says how a value is made of the properties of a resource.
//
// A text that begins with $ is a value: "$QueueName" a property, "$Target.RoleArn" a part of one,
// "$id" a variable; "$Rules.0.Id" an element, "$Rules.*.Id" that of all. A text with "${...}" in it
// is put together of such values. Maps and lists are made of their parts. What is missing is null
// and is left out of what is made around it, and so is a map that nothing is left of.
//
// A map with one member whose name begins with $ is a function:
//   {"$all": ["A", "B"]}          those properties that are there; {"$all": "*"}: all
//   {"$all_of": [MAP, "A"...]}    those members of a map that are there
//   {"$without": [MAP, "A"...]}   {"$rename": [MAP, {"From": "To"}]}   {"$merge": [MAPS...]}
//   {"$changed": {"A": DEFAULT}}  those properties that an update changes; removed ones with their
//                                 default, left out where it is null. In a creation: what is there
//   {"$first": [TERMS...]}        the first that is there
//   {"$if": [CONDITION, THEN, ELSE]}   false are null, false, "" and "false"
//   {"$equals": [A, B]} {"$not": A} {"$and": [...]} {"$or": [...]} {"$is_list": A} {"$is_map": A}
//   {"$find": {"in": LIST, "where": {"Member": TERM}}}   the first that has these members
//   {"$each": {"in": LIST, "as": TERM}}                  TERM with $item; of a map Key and Value
//   {"$map": {"in": LIST, "key": TERM, "value": TERM}}   with $item
//   {"$pairs": MAP}               list of {Key, Value}
//   {"$minus": [LIST, LIST]}      elements of the first that the second has not
//   {"$json": A} {"$parse": A} {"$split": [TEXT, "|"]} {"$join": [LIST, ","]}
//   {"$after_last": [TEXT, ":"]} {"$before_last": [TEXT, ":"]} {"$after": [TEXT, ":"]}
//   {"$before": [TEXT, ":"]}      the whole text where it has none
//   {"$list": A}                  a list of it, or itself if it is one; null stays null
//   {"$through": ["name", A]}     what the function of that name makes of it (`through.h`)
//   $parse: the tree of a text that is JSON; other values stay what they are
//   {"$text": "$"}                the text as it stands
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "templates/tree.h"

namespace matinee::resources {

using templates::Value;

/// What the names in terms mean.
struct Scope {
  const Value* properties = nullptr;  // names that begin with a capital letter
  const Value* before = nullptr;      // of an update; null in creations
  std::map<std::string, Value, std::less<>> variables = {};
};

/// Null where it is missing. Throws std::logic_error for what is no term: recipes are the
/// program's own, and all of them are read by a test.
Value evaluate(const Value& term, const Scope& scope);

/// Whether it counts as true for $if, and for "when" of a step.
bool is_true(const Value& value);

/// Calls `visit` with each name of a property or variable that the term mentions: "QueueName".
/// "*" stands for all properties.
void each_name(const Value& term, const std::function<void(std::string_view name)>& visit);

}  // namespace matinee::resources
