// What the operating system lets the program have.
#pragma once

#include <cstddef>

namespace matinee::runtime {

/// Lets this process open as many files as it may ask for: an object of many parts and thousands of
/// clients need more than the usual 1,024. Where that is refused the old limit stays.
void raise_file_limit();

/// How many threads the machine lets this process run at the same time.
unsigned count_cores();

/// How many files this process may have open.
std::size_t file_limit();

/// Opens /dev/null for standard input, output and errors where the process was started without
/// them. Otherwise the next file that is opened would take their place, and be written to.
void open_standard_streams();

/// Files and directories that are made from now on are this user's alone.
void keep_files_private();

/// From now on blocks of 128 KiB and more go back to the operating system when they are freed. By
/// itself the C library keeps ever larger ones for later: faster, but tables that grow leave holes.
void return_large_blocks();

/// From now on blocks of 512 KiB and more, as the store's tables in memory are made of, go back to
/// the operating system when they are freed, and at most 1 MiB that is free at the end of the heap
/// is kept. By itself the C library raises both limits with what is freed, up to 32 and 64 MiB.
void return_largest_blocks();

}  // namespace matinee::runtime
