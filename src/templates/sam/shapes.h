// The small shapes that templates are made of, and the logical ids that the transform makes up.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "templates/tree.h"

namespace matinee::templates::sam {

/// {"Ref": id}
Value ref_to(std::string_view id);
/// {"Fn::GetAtt": [id, attribute]}
Value get_att(std::string_view id, std::string_view attribute);
/// {"Ref": "AWS::NoValue"}
Value no_value();
/// {"Fn::If": [condition, yes, no]}
Value choose(std::string_view condition, Value yes, Value no);

/// Whether it has one member, which is Ref, Condition or Fn::something.
bool is_function(const Value& value);
bool is_function(const Value& value, std::string_view name);
bool is_no_value(const Value& value);
/// The three parts of an Fn::If with a name for a condition; nothing for everything else.
const Value::List* find_choice(const Value& value);

/// What the translator takes for nothing: absent, null, false, zero, or without text, elements and
/// members.
bool is_nothing(const Value* value);
/// The member, where it is there and not null.
const Value* find_given(const Value& map, std::string_view name);
/// Sets the member where the value is there.
void set_given(Value& map, std::string_view name, const Value* value);

Value list_of(std::initializer_list<Value> elements);
/// {"Action": .., "Effect": "Allow", "Resource": ..}
Value allowing(Value action, Value resource);
/// A policy of a role, without a version as the translator writes those that events need.
Value role_policy(std::string name, Value statements);

/// Ten hexadecimal digits that change with the value: of a string by its text, of everything else
/// by its sorted JSON.
std::string suffix_of(const Value& value);
/// What of the text may be in a logical id: "-" and "_" become letters, others are dropped.
std::string id_part(std::string_view text);

}  // namespace matinee::templates::sam
