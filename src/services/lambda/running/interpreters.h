// What this machine has for each of Lambda's runtimes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/disk.h"
#include "runtime/sandbox.h"

namespace matinee::lambda {

/// `executable`: a program called bootstrap, in the package or a layer.
enum class Language : std::uint8_t { executable, python, node, java, ruby, dotnet };

Language language_of(std::string_view runtime);

/// Whether our loaders speak the Runtime API for functions of that language.
constexpr bool has_loader(Language language) {
  return language == Language::python || language == Language::node;
}

struct Interpreter {
  std::string path;    // empty where there is none, or none is needed
  std::string remark;  // where it is another version than was asked for; or why there is none
};

/// The version that the runtime names; else the nearest newer one, else the nearest older one.
Interpreter find_interpreter(const runtime::Sandboxes& sandboxes, const runtime::Disk& disk,
                             const std::string& runtime);

}  // namespace matinee::lambda
