"""The rules themselves: each is broken by a small sample, and kept by another."""

import cpp_source
import pytest
import rules

SAMPLE = '''
// A comment with a { brace and a "quote.
namespace a::b {
class Thing : public Base<int, int> {
 public:
  explicit Thing(int first, std::map<int, int> second = {}) : first_{first}, second_(second) {}
  bool operator()(int a, int b) const { return "}{"[0] == '}'; }
  std::function<void(int, int)> callback;
  int inline_function() const noexcept { return 1'000'000; }
  virtual void declared(int a, int b, int c) = 0;
 private:
  int first_{1};
};
template <class T, class U>
auto generic(T t, U (*function)(int, int)) -> decltype(t + 1) {
  auto lambda = [&](int a, int b, int c, int d, int e) { return a; };
  if (t) {
    return lambda;
  }
}
constexpr int table[] = {1, 2, 3};
const auto made = make(1, 2, 3, 4, 5, 6);
#define MACRO(a, b, c, d, e, f) { a }
TEST(Suite, name_of_a_test) {
  call(1, 2);
}
}
'''


def test_functions_are_found_with_their_parameters_and_lengths():
    found = {function.name: function for function in cpp_source.functions(SAMPLE)}
    parameters = {name: function.parameters for name, function in found.items()}
    assert parameters["Thing"] == 2
    assert parameters["inline_function"] == 0
    assert parameters["declared"] == 3
    assert parameters["generic"] == 2
    assert found["generic"].length == 7
    assert found["declared"].length == 0
    assert found["inline_function"].length == 1
    assert not {"callback", "table", "made", "lambda", "first_", "call"} & set(parameters)


def violations(rule, path, text):
    return [violation.rule for violation in rule(rules.File(path, text))]


LONG_FUNCTION = "int f(int a) {\n" + "  a += 1;\n" * 69 + "}\n"
BROKEN = [
    (rules.lengths, "src/a/b.cpp", "//\n" * 501, "file length"),
    (rules.lengths, "tests/a.py", "#" * 101, "line length"),
    (rules.lengths, "src/a/b.cpp", LONG_FUNCTION, "function length"),
    (rules.lengths, "src/a/b.cpp", "class A {\n void f(int a, int b, int c, int d, int e);\n};\n",
     "parameters"),
    (rules.lengths, "src/a/b.cpp", "A::A(int a, B<int, int> b, int c, int d, int e) : a_{a} {}\n",
     "parameters"),
    (rules.include_direction, "src/storage/a.cpp", '#include "services/endpoint.h"\n', "include"),
    (rules.include_direction, "src/jobs/movies/a.cpp", '#include "storage/store.h"\n', "include"),
    (rules.include_direction, "src/client/a.cpp", '#include "services/sqs/queues.h"\n', "include"),
    (rules.include_direction, "src/client/a.cpp", '#include "channel.h"\n', "include"),
    (rules.include_direction, "src/client/a.cpp", '#include "../runtime/clock.h"\n', "include"),
    (rules.runtime_is_injected, "src/gateway/a.cpp", '#include "runtime/real/real_disk.h"\n',
     "real runtime"),
    (rules.runtime_is_injected, "src/cli/a.cpp", '#include "runtime/simulated/simulation.h"\n',
     "simulated runtime"),
    (rules.services_are_strangers, "src/services/sqs/a.cpp", '#include "services/s3/buckets.h"\n',
     "another service"),
    (rules.rooms_point_one_way, "src/services/s3/catalog/a.cpp",
     '#include "services/s3/access/acl.h"\n', "room"),
    (rules.rooms_point_one_way, "src/services/s3/lifecycle/a.cpp",
     '#include "services/s3/service.h"\n', "room"),
    (rules.rooms_point_one_way, "src/services/s3/service.h",
     '#include "services/s3/objects/a.h"\n', "room"),
    (rules.rooms_point_one_way, "src/services/s3/attic/a.cpp", "int a = 1;\n", "room"),
    (rules.rooms_point_one_way, "src/services/sts/attic/a.cpp", "int a = 1;\n", "room"),
    (rules.outside_world, "src/a/b.cpp", "auto now = std::chrono::system_clock::now();\n",
     "outside world"),
    (rules.outside_world, "src/a/b.cpp", "auto now = time(nullptr);\n", "outside world"),
    (rules.outside_world, "src/a/b.cpp", "std::random_device device;\n", "outside world"),
    (rules.outside_world, "src/a/b.cpp", "int n = rand();\n", "outside world"),
    (rules.outside_world, "src/a/b.cpp", "std::thread thread([] {});\n", "outside world"),
    (rules.outside_world, "src/a/b.cpp", "std::ifstream file(path);\n", "outside world"),
    (rules.outside_world, "src/a/b.cpp", "std::filesystem::remove_all(path);\n", "outside world"),
    (rules.outside_world, "src/a/b.cpp", "int fd = ::open(path, 0);\n", "outside world"),
    (rules.outside_world, "src/a/b.cpp", 'auto home = getenv("HOME");\n', "outside world"),
    (rules.outside_world, "src/a/b.cpp", "if (fork() == 0) return;\n", "outside world"),
    (rules.nothing_left_to_do, "src/a/b.cpp", "// TO" "DO: more\n", "reminder"),
    (rules.nothing_left_to_do, "tests/a.py", "# FIX" "ME\n", "reminder"),
    (rules.headers_explain_themselves, "src/a/b.h", "#pragma once\n", "head"),
    (rules.headers_explain_themselves, "src/a/b.h", "// Things.\n#pragma once\n", "head"),
    (rules.headers_explain_themselves, "src/a/b.h", "// This says what the file is for.\n", "head"),
    (rules.tests_are_sentences, "src/a/b_test.cpp", "TEST(Queue, Works) {}\n", "test name"),
    (rules.tests_are_sentences, "src/a/b_test.cpp", "TEST_F(Queue, basic_send) {}\n", "test name"),
    (rules.tests_are_sentences, "tests/a.py", "def test_send():\n", "test name"),
    (rules.tests_are_sentences, "tests/a.js", 'test("send", () => {});\n', "test name"),
    (rules.tests_do_not_sleep, "tests/a.py", "    time.sleep(1)\n", "sleep"),
    (rules.tests_do_not_sleep, "src/a/b_test.cpp", "  std::this_thread::sleep_for(1s);\n", "sleep"),
    (rules.no_markup_from_text, "console/a.js", "element.innerHTML = name;\n", "markup"),
    (rules.no_markup_from_text, "console/a.js", "new Function(body)();\n", "markup")]


@pytest.mark.parametrize("rule, path, text, expected", BROKEN)
def test_a_sample_that_breaks_a_rule_is_found(rule, path, text, expected):
    assert expected in violations(rule, path, text)


KEPT = [
    (rules.lengths, "src/a/b.cpp", LONG_FUNCTION.replace("  a += 1;\n", "", 1)),
    (rules.lengths, "src/a/b.cpp", "A::A(int a, B<int, int> b) : a_{a}, b_{b, 1} {\n  f();\n}\n"),
    (rules.lengths, "src/a/b.h", "void f(int a, int b, int c, int d, int e) const override;\n"),
    (rules.lengths, "src/a/b.cpp", "auto value = call(1, 2, 3, 4, 5);\n"),
    (rules.lengths, "src/a/b.cpp", "void f() {\n  call(1, 2, 3, 4, 5);\n}\n"),
    (rules.include_direction, "src/services/sqs/a.cpp",
     '#include "services/sqs/b.h"\n#include "sqs/shapes.h"\n#include "storage/table.h"\n'),
    (rules.include_direction, "src/client/a.cpp", '#include "services/endpoint.h"\n'),
    (rules.include_direction, "src/main.cpp", '#include "runtime/real/real_disk.h"\n'),
    (rules.runtime_is_injected, "src/main.cpp", '#include "runtime/real/real_disk.h"\n'),
    (rules.runtime_is_injected, "src/a/b_test.cpp", '#include "runtime/simulated/simulation.h"\n'),
    (rules.rooms_point_one_way, "src/services/s3/objects/a.cpp",
     '#include "services/s3/service.h"\n#include "services/s3/catalog/records.h"\n'
     '#include "services/s3/objects/b.h"\n#include "services/endpoint.h"\n'),
    (rules.rooms_point_one_way, "src/services/s3/service.cpp",
     '#include "services/s3/access/acl.h"\n#include "services/s3/service.h"\n'),
    (rules.rooms_point_one_way, "src/services/s3/catalog/a_test.cpp",
     '#include "services/s3/service_fixture.h"\n'),
    (rules.rooms_point_one_way, "src/services/sqs/a.cpp", '#include "services/sqs/b.h"\n'),
    (rules.rooms_point_one_way, "src/services/endpoint.cpp", '#include "services/endpoint.h"\n'),
    (rules.outside_world, "src/runtime/real/a.cpp", "std::thread thread([] {});\n"),
    (rules.outside_world, "src/a/b.cpp", "// std::thread would be wrong here\n"),
    (rules.outside_world, "src/a/b.cpp", 'throw Error("no getenv here");\n'),
    (rules.outside_world, "src/a/b.cpp", "visibility_time(nullptr); clock_.now(); x.time(0);\n"),
    (rules.outside_world, "src/a/b.cpp", "std::chrono::system_clock::time_point when;\n"),
    (rules.outside_world, "src/a/b.cpp", "std::filesystem::path path;\n"),
    (rules.headers_explain_themselves, "src/a/b.h",
     "// What this header is for, in a sentence.\n#pragma once\n"),
    (rules.tests_are_sentences, "src/a/b_test.cpp", "TEST(Queue, a_message_is_received) {}\n"),
    (rules.tests_are_sentences, "tests/a.js", 'test("a message is received", () => {});\n'),
    (rules.tests_are_sentences, "tests/a.py", "def test_a_message_is_received():\n"),
    (rules.no_markup_from_text, "console/a.js", "element.textContent = name;\n")]


@pytest.mark.parametrize("rule, path, text", KEPT)
def test_a_sample_that_keeps_a_rule_is_not_found(rule, path, text):
    assert not violations(rule, path, text)
