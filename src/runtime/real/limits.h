// What the operating system lets the program have.
#pragma once

namespace matinee::runtime {

/// Lets this process open as many files as it may ask for: an object of many parts and thousands of
/// clients need more than the usual 1,024. Where that is refused the old limit stays.
void raise_file_limit();

}  // namespace matinee::runtime
